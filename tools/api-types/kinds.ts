import { readdirSync, readFileSync } from 'node:fs';

/** A kind that has a resource of its own. */
export interface KindFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly subresources: readonly string[];
  /** The model of one object. */
  readonly model: string;
  /** The model of a list, where the resource can be listed. */
  readonly listModel: string | undefined;
}

interface Operation {
  readonly path: string;
  readonly verb: string;
  readonly summary: string;
  readonly body: string | undefined;
}

interface Resource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresource: string | undefined;
  readonly item: boolean;
}

/**
 * Reads the kinds from the URL templates of the source's API classes.
 *
 * @param folder The folder `dist/gen` of `@kubernetes/client-node`.
 * @param leftovers API classes that are read although the source no longer exports them.
 */
export function readKinds(folder: string, leftovers: readonly string[] = []): KindFacts[] {
  const index = readFileSync(`${folder}/index.js`, 'utf8');
  const exported = new Set([...index.matchAll(/\bObject(\w+Api) as /g)].map((match) => match[1]));
  const files = readdirSync(`${folder}/apis`).filter((file) => /Api\.js$/.test(file));
  const read = files.filter((file) => exported.has(file.slice(0, -3)) || leftovers.includes(file.slice(0, -3)));
  return kindsOf(read.flatMap((file) => readOperations(readFileSync(`${folder}/apis/${file}`, 'utf8'))));
}

/** The operations of one API class. */
function readOperations(script: string): Operation[] {
  const answers = new Map<string, string>();
  for (const method of script.split(/\n {4}async (?=\w+WithHttpInfo\(response\))/).slice(1)) {
    const name = /^(\w+)WithHttpInfo/.exec(method)?.[1] ?? '';
    const body = /isCodeInRange\("20[01]"[\s\S]*?\), "(\w+)", ""\);/.exec(method)?.[1];
    if (body !== undefined) answers.set(name, body);
  }
  const [factory = ''] = script.split(/\nexport class \w+ApiResponseProcessor/);
  return factory.split(/\n {4}\/\*\*/).flatMap((method) => {
    const path = /localVarPath = '([^']+)'/.exec(method)?.[1];
    const verb = /HttpMethod\.(\w+)/.exec(method)?.[1];
    const name = /\n {4}async (\w+)\(/.exec(method)?.[1];
    if (path === undefined || verb === undefined || name === undefined) return [];
    const summary = /\n {5}\* (.*)/.exec(method)?.[1] ?? '';
    return [{ path, verb, summary, body: answers.get(name) }];
  });
}

function kindsOf(operations: readonly Operation[]): KindFacts[] {
  const groups = Map.groupBy(
    operations.flatMap((operation) => {
      const resource = parsePath(operation.path);
      return resource === undefined ? [] : [{ ...operation, ...resource }];
    }),
    ({ group, version, resource }) => `${group}/${version}/${resource}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const own = group.filter(({ subresource }) => subresource === undefined);
    // An item can be read; what can only be created (a review) answers with itself.
    const object =
      own.find(({ item, verb }) => item && verb === 'GET') ?? own.find(({ item, verb }) => !item && verb === 'POST');
    const kind = /^(?:read the specified|create(?: an?)?) (\w+)$/.exec(object?.summary ?? '')?.[1];
    if (object?.body === undefined || kind === undefined) {
      throw new Error(`Cannot name the kind of ${first.group}/${first.version}/${first.resource}: ${object?.summary}`);
    }
    const list = own.find(({ item, verb }) => !item && verb === 'GET');
    return [
      {
        group: first.group,
        version: first.version,
        kind,
        resource: first.resource,
        scope: object.namespaced ? ('Namespaced' as const) : ('Cluster' as const),
        subresources: [...new Set(group.flatMap(({ subresource }) => subresource ?? []))].sort(),
        model: object.body,
        listModel: list?.body,
      },
    ];
  });
}

/** Takes a URL template apart. Discovery, watch, log files and paths with a free tail belong to no resource. */
export function parsePath(path: string): Resource | undefined {
  const match =
    /^\/(?:api|apis\/([a-z0-9.-]+))\/(v\d\w*)(\/namespaces\/\{namespace\})?\/([a-z]+)(\/\{name\})?(?:\/([a-z]+))?$/.exec(
      path,
    );
  if (match === null) return undefined;
  const [, group = '', version = '', namespace, resource = '', item, subresource] = match;
  return { group, version, resource, namespaced: namespace !== undefined, item: item !== undefined, subresource };
}
