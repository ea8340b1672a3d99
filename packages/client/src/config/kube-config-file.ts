import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isJsonObject } from '@bowline/apimachinery';
import { describeValue } from '@bowline/apimachinery/arguments';
import { ClientError, invalidConfig } from '../errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where the content of a kubeconfig comes from. */
export interface KubeConfigSource {
  /** What messages put after "kubeconfig": the path of the file, or how else it was given. */
  readonly name: string;
  /** What paths in it are relative to. */
  readonly directory: string;
}

/** A cluster, user or context of a kubeconfig, whose fields are checked when they are read. */
export class KubeConfigEntry {
  readonly name: string;
  readonly #source: KubeConfigSource;
  readonly #what: string;
  readonly #fields: Fields;

  constructor(what: string, name: string, source: KubeConfigSource, fields: Fields) {
    this.#what = what;
    this.name = name;
    this.#source = source;
    this.#fields = fields;
  }

  /** What messages call it. */
  get label(): string {
    return `${this.#what} "${this.name}" in kubeconfig ${this.#source.name}`;
  }

  /** @throws {ClientError} `CLIENT_CONFIG_INVALID` when it is no string. */
  string(field: string): string | undefined {
    return this.#text(field, describeValue);
  }

  /** A string that messages do not show. @throws {ClientError} `CLIENT_CONFIG_INVALID` when it is no string. */
  secret(field: string): string | undefined {
    return this.#text(field, typeName);
  }

  #text(field: string, describe: (value: unknown) => string): string | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw this.wrong(field, 'a string', describe(value));
    return value;
  }

  /** A path, relative to the directory of the file. */
  path(field: string): string | undefined {
    const value = this.string(field);
    return value === undefined ? undefined : this.resolve(value);
  }

  /** What a relative path in it stands for. */
  resolve(path: string): string {
    return resolve(this.#source.directory, path);
  }

  boolean(field: string): boolean | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'boolean') throw this.wrong(field, 'true or false', describeValue(value));
    return value;
  }

  strings(field: string): readonly string[] | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (!isStrings(value)) throw this.wrong(field, 'a list of strings', typeName(value));
    return value;
  }

  /** A list of `{ name, value }`. */
  variables(field: string): Readonly<Record<string, string>> | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw this.wrong(field, 'a list of { name, value }', typeName(value));
    const variables: Record<string, string> = {};
    for (const [index, element] of value.entries()) {
      const { name, value: text }: Fields = isJsonObject(element) ? element : {};
      if (typeof name !== 'string' || name === '')
        throw this.wrong(`${field}[${index}].name`, 'a non-empty string', typeName(name));
      if (typeof text !== 'string') throw this.wrong(`${field}[${index}].value`, 'a string', typeName(text));
      variables[name] = text;
    }
    return variables;
  }

  /** An object within this one, whose fields are checked when they are read. */
  part(field: string): KubeConfigEntry | undefined {
    const fields = this.object(field);
    return fields && new KubeConfigEntry(`${field} of ${this.#what}`, this.name, this.#source, fields);
  }

  /** What is written for one program under its name. Entries that are not understood belong to others. */
  extension(name: string): unknown {
    const extensions = this.#fields.extensions;
    if (!Array.isArray(extensions)) return undefined;
    const found: unknown = extensions.find((entry) => isJsonObject(entry) && entry.name === name);
    return isJsonObject(found) ? found.extension : undefined;
  }

  stringLists(field: string): Readonly<Record<string, readonly string[]>> | undefined {
    const value = this.object(field);
    if (value === undefined) return undefined;
    const lists: Record<string, readonly string[]> = {};
    for (const [key, list] of Object.entries(value)) {
      if (!isStrings(list)) throw this.wrong(`${field}.${key}`, 'a list of strings', typeName(list));
      lists[key] = list;
    }
    return lists;
  }

  object(field: string): Fields | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (!isJsonObject(value)) throw this.wrong(field, 'an object', typeName(value));
    return value;
  }

  wrong(field: string, rule: string, got: string): ClientError {
    return invalidConfig(`Cannot use ${this.label}: ${field} must be ${rule}, got ${got}`);
  }
}

/** The content of one or more kubeconfig files. */
export interface KubeConfigFile {
  /** What messages put after "kubeconfig": the files, or how else it was given. */
  readonly source: string;
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, KubeConfigEntry>;
  readonly users: ReadonlyMap<string, KubeConfigEntry>;
  readonly contexts: ReadonlyMap<string, KubeConfigEntry>;
}

/**
 * Reads a kubeconfig file.
 *
 * @throws {ClientError} `CLIENT_CONFIG_NOT_FOUND`, `CLIENT_CONFIG_INVALID`
 */
export async function readKubeConfigFile(path: string): Promise<KubeConfigFile> {
  const file = resolve(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = missing ? 'it does not exist' : error instanceof Error ? error.message : String(error);
    throw new ClientError(`Cannot read kubeconfig ${file}: ${reason}`, {
      code: missing ? 'CLIENT_CONFIG_NOT_FOUND' : 'CLIENT_CONFIG_INVALID',
      cause: error,
    });
  }
  return parseKubeConfig(text, { name: file, directory: dirname(file) });
}

/** @throws {ClientError} `CLIENT_CONFIG_INVALID` */
export async function parseKubeConfig(text: string, source: KubeConfigSource): Promise<KubeConfigFile> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const [problem] = document.errors;
  if (problem) {
    // Its message quotes the file, which holds secrets.
    const { line, col } = lines.linePos(problem.pos[0]);
    throw invalidConfig(
      `Cannot read kubeconfig ${source.name}: it is not YAML (${problem.code} in line ${line}, column ${col})`,
    );
  }
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch {
    throw invalidConfig(`Cannot read kubeconfig ${source.name}: an alias in it cannot be resolved`); // The cause quotes it.
  }
  if (!isJsonObject(content))
    throw invalidConfig(`Cannot read kubeconfig ${source.name}: it must be an object, got ${typeName(content)}`);
  const { kind } = content;
  if (kind !== undefined && kind !== 'Config') {
    throw invalidConfig(`Cannot read kubeconfig ${source.name}: kind must be "Config", got ${JSON.stringify(kind)}`);
  }
  const current = content['current-context'] ?? '';
  if (typeof current !== 'string') {
    throw invalidConfig(
      `Cannot read kubeconfig ${source.name}: current-context must be a string, got ${describeValue(current)}`,
    );
  }
  return {
    source: source.name,
    currentContext: current === '' ? undefined : current,
    clusters: entriesOf(content, 'cluster', source),
    users: entriesOf(content, 'user', source),
    contexts: entriesOf(content, 'context', source),
  };
}

/** Merges as kubectl does: the first file that has a name wins with all that it says, and so does the first current context. */
export function mergeKubeConfigs(files: readonly KubeConfigFile[]): KubeConfigFile {
  const first = (part: 'clusters' | 'users' | 'contexts'): ReadonlyMap<string, KubeConfigEntry> =>
    new Map(files.toReversed().flatMap((file) => [...file[part]]));
  return {
    source: files.map(({ source }) => source).join(', '),
    currentContext: files.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: first('clusters'),
    users: first('users'),
    contexts: first('contexts'),
  };
}

function entriesOf(content: Fields, what: string, source: KubeConfigSource): ReadonlyMap<string, KubeConfigEntry> {
  const list = content[`${what}s`] ?? [];
  if (!Array.isArray(list))
    throw invalidConfig(`Cannot read kubeconfig ${source.name}: ${what}s must be a list, got ${typeName(list)}`);
  const entries = new Map<string, KubeConfigEntry>();
  for (const [index, element] of list.entries()) {
    const name: unknown = isJsonObject(element) ? element.name : undefined;
    if (!isJsonObject(element) || typeof name !== 'string' || name === '') {
      throw invalidConfig(
        `Cannot read kubeconfig ${source.name}: ${what}s[${index}].name must be a non-empty string, got ${typeName(name)}`,
      );
    }
    if (entries.has(name))
      throw invalidConfig(
        `Cannot read kubeconfig ${source.name}: ${what}s must have different names, got "${name}" twice`,
      );
    const fields = element[what] ?? {};
    if (!isJsonObject(fields)) {
      throw invalidConfig(
        `Cannot read kubeconfig ${source.name}: ${what}s[${index}].${what} must be an object, got ${typeName(fields)}`,
      );
    }
    entries.set(name, new KubeConfigEntry(what, name, source, fields));
  }
  return entries;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

/** The type of a value that messages must not show. */
function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
