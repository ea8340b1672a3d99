import { isObject, listAt, type ServerObject, stringAt, valueAt } from '../object.ts';

/** Fills in what clients leave out of a definition. @see k8s.io/apiextensions-apiserver apis/apiextensions/v1/defaults.go */
export function defaultDefinition(object: ServerObject): void {
  const { spec } = object;
  if (!isObject(spec)) return;
  const { names } = spec;
  const kind = stringAt(names, 'kind');
  if (isObject(names) && kind !== '') {
    if (stringAt(names, 'singular') === '') names.singular = kind.toLowerCase();
    if (stringAt(names, 'listKind') === '') names.listKind = `${kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const service = valueAt(spec.conversion, 'webhook', 'clientConfig', 'service');
  if (isObject(service)) service.port ??= 443;
  if (listAt(object, 'status', 'storedVersions').length > 0) return;
  const storage = listAt(spec, 'versions').find((version) => valueAt(version, 'storage') === true);
  if (storage !== undefined) object.status = { ...statusOf(object), storedVersions: [stringAt(storage, 'name')] };
}

function statusOf({ status }: ServerObject): object {
  return isObject(status) ? status : {};
}
