import { checkValue, valueRule } from '@bowline/apimachinery/arguments';

/** The objects behind the path of a collection. */
interface Collection {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
}

const collection =
  /^\/(?:api\/(?<core>[^/]+)|apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)$/;
const pathRule = valueRule(
  'the path of a collection such as "/api/v1/pods" or "/apis/apps/v1/namespaces/default/deployments"',
  (value) => typeof value === 'string',
  (path) => collection.test(withoutQuery(path)),
);
const selectors: readonly string[] = ['labelSelector', 'fieldSelector'];

/**
 * Reads a path as `makeInformer` of client-node takes it, which may end in selectors.
 *
 * @throws {TypeError} {RangeError} when it is no path of a collection, or asks for more than selectors.
 */
export function collectionOf(action: string, path: string): Collection {
  checkValue(action, 'path', path, pathRule);
  const {
    core,
    group = '',
    version = core ?? '',
    namespace,
    resource = '',
  } = collection.exec(withoutQuery(path))?.groups ?? {};
  const query = new URLSearchParams(path.slice(withoutQuery(path).length));
  for (const name of query.keys()) {
    if (selectors.includes(name)) continue;
    throw new RangeError(
      `Cannot ${action}: path must have no parameters but ${selectors.join(' and ')}, got "${name}"`,
    );
  }
  const [labelSelector, fieldSelector] = selectors.map((name) => query.get(name) ?? undefined);
  return { group, version, resource, namespace, labelSelector, fieldSelector };
}

function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? '';
}
