/** What a verb does to a resource; the method in lower case on other paths. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request is about, read from its method and path alone. */
export interface RequestInfo {
  readonly method: string;
  /** Decoded, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The parts of the path, decoded. */
  readonly parts: readonly string[];
  /** Set when the path has the form of a resource path. */
  readonly target?: Target | undefined;
}

/** The resource that a path names, whether it exists or not. */
export interface Target {
  readonly group: string;
  readonly version: string;
  readonly verb: Verb | '';
  /** True for the deprecated `/api/v1/watch/…` paths. */
  readonly watchPath: boolean;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource. */
  readonly rest: readonly string[];
}

/** A path that cannot be read at all: the real server answers 500 in plain text. */
export class UnreadablePath extends Error {}

const verbOfMethod: Readonly<Record<string, Verb>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * Reads method and path.
 *
 * @throws {UnreadablePath} when the path starts like a resource path but ends too early.
 * @see k8s.io/apiserver endpoints/request/requestinfo.go
 */
export function readRequest(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  // As the real server does: an encoded slash is a slash.
  const path = decode(rawPath);
  const parts = path.split('/').filter((part, index, all) => part !== '' || (index > 0 && index < all.length - 1));
  const info = { method, path, query, parts };
  return { ...info, target: readTarget(method, url, parts, query) };
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readTarget(
  method: string,
  url: string,
  allParts: readonly string[],
  query: URLSearchParams,
): Target | undefined {
  const [prefix, ...afterPrefix] = allParts;
  if (allParts.length < 3 || (prefix !== 'api' && prefix !== 'apis')) return undefined;
  let parts = afterPrefix;
  let group = '';
  if (prefix === 'apis') {
    if (parts.length < 3) return undefined;
    [group = '', ...parts] = parts;
  }
  let [version = '', ...path] = parts;
  let verb: Verb | '' = verbOfMethod[method] ?? '';
  const watchPath = path[0] === 'watch';
  if (watchPath || path[0] === 'proxy') {
    if (path.length < 2) throw new UnreadablePath(`unable to determine kind and namespace from url, ${url}`);
    path = path.slice(1);
    if (watchPath) verb = 'watch';
  }
  let namespace = '';
  if (path[0] === 'namespaces' && path.length > 1) {
    namespace = path[1] ?? '';
    if (path.length > 2 && path[2] !== 'status' && path[2] !== 'finalize') path = path.slice(2);
  }
  const [resource = '', pathName = '', subresource = '', ...rest] = path;
  let name = pathName;
  if (name === '' && verb === 'get') {
    verb = isTrue(query.getAll('watch')) ? 'watch' : 'list';
    name = exactName(query.get('fieldSelector') ?? '');
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection';
  return { group, version, verb, watchPath, namespace, resource, name, subresource, rest };
}

/** A boolean parameter: present and neither `0` nor `false`. @see k8s.io/apimachinery runtime/conversion.go */
export function isTrue(values: readonly string[]): boolean {
  const [value] = values;
  return value !== undefined && value !== '0' && value.toLowerCase() !== 'false';
}

/** The name that a field selector asks for, `''` when it asks for no single one. A list or watch of one name is a request for that name. */
function exactName(selector: string): string {
  for (const term of selector.split(',')) {
    const match = /^metadata\.name==?([^=!\\]*)$/.exec(term);
    const name = match?.[1] ?? '';
    if (name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name)) return name;
  }
  return '';
}
