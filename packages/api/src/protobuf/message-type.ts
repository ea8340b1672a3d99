import { packageOf, packages } from './tables/index.generated.ts';

/** Where the table of a Go package is, and which others its types name. */
export interface TablePackage {
  readonly needs: readonly string[];
  readonly load: () => Promise<{ readonly table: string }>;
}

/** What a value is: a letter of the tables' grammar, `m` for a message, or a container. */
export interface ValueType {
  /**
   * `s` string, `b` bool, `i` int32, `l` int64, `d` double, `y` bytes; `t` Time, `u` MicroTime, `f` FieldsV1, `q` Quantity, `n` IntOrString,
   * `r` raw JSON, `e` `a` `k` JSONSchemaPropsOr{Bool,Array,StringArray}; `m` message, `[` list, `{` map, `<` list that is a message of its own.
   */
  readonly letter: string;
  /** Of a message. */
  readonly message: MessageType | undefined;
  /** Of a container. */
  readonly element: ValueType | undefined;
}

/** Whether there may be many of a field: the elements of a list, the pairs of a map. */
export function isMany({ letter }: ValueType): boolean {
  return letter === '[' || letter === '{';
}

/** A field of a Go structure. */
export interface Field {
  /** JSON name; `''` where the structure is embedded, so that its fields stand beside the others. */
  readonly name: string;
  /** 0: not on the wire. */
  readonly number: number;
  /** Place among the fields of its message. */
  readonly index: number;
  readonly type: ValueType;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
}

/**
 * A Go structure behind a built-in kind: what its fields are called in JSON, their protobuf numbers, and which of them are written when empty.
 * @see k8s.io/api
 */
export class MessageType {
  readonly name: string;
  readonly #text: string;
  readonly #own: string;
  #fields: readonly Field[] | undefined;
  #byNumber: readonly (Field | undefined)[] | undefined;

  /** @param text Its line of the table without the name. @param own The package in which it stands. */
  constructor(name: string, text: string, own: string) {
    this.name = name;
    this.#text = text;
    this.#own = own;
  }

  /** In the order in which Go writes them as JSON. */
  get fields(): readonly Field[] {
    this.#fields ??=
      this.#text === '' ? [] : this.#text.split(' ').map((text, index) => readField(text, index, this.#own));
    return this.#fields;
  }

  get byNumber(): readonly (Field | undefined)[] {
    if (this.#byNumber === undefined) {
      const size = Math.max(0, ...this.fields.map(({ number }) => number)) + 1;
      const byNumber = new Array<Field | undefined>(size).fill(undefined);
      for (const field of this.fields) if (field.number > 0) byNumber[field.number] = field;
      this.#byNumber = byNumber;
    }
    return this.#byNumber;
  }

  /** The field of that JSON name; those of embedded structures are not among them. */
  field(name: string): Field | undefined {
    return this.fields.find((field) => field.name === name);
  }
}

/** Types by package and name; data that never changes. */
const loaded = new Map<string, ReadonlyMap<string, MessageType>>();
const loading = new Map<string, Promise<void>>();

/** A group, version and kind; the parts of a `Kind` handle that matter here. */
export interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function packageNameOf({ group, version }: KindName): string | undefined {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  if (group === 'meta.k8s.io') return 'meta/v1';
  return Object.hasOwn(packageOf, apiVersion) ? packageOf[apiVersion] : undefined;
}

/** The type of a kind; undefined for kinds that have no protobuf form: custom resources, and what is younger than the tables. */
export async function loadMessageType(kind: KindName): Promise<MessageType | undefined> {
  const name = packageNameOf(kind);
  if (name === undefined) return undefined;
  await loadPackage(name);
  return messageType(kind);
}

/** As `loadMessageType`, at once: undefined also when the package was not loaded before. */
export function messageType(kind: KindName): MessageType | undefined {
  const name = packageNameOf(kind);
  if (name === undefined) return undefined;
  // `Status` and `DeleteOptions` stand in every group.
  return loaded.get(name)?.get(kind.kind) ?? loaded.get('meta/v1')?.get(kind.kind);
}

function loadPackage(name: string): Promise<void> {
  let done = loading.get(name);
  if (done === undefined) {
    done = load(name);
    loading.set(name, done);
    done.catch(() => loading.delete(name));
  }
  return done;
}

async function load(name: string): Promise<void> {
  const entry = packages[name];
  if (entry === undefined)
    throw new RangeError(`Cannot load a protobuf table: its package must be known, got "${name}"`);
  const [{ table }] = await Promise.all([entry.load(), ...entry.needs.map(loadPackage)]);
  const types = new Map<string, MessageType>();
  for (const line of table.trim().split('\n')) {
    const end = line.indexOf(' ');
    const type = end < 0 ? line : line.slice(0, end);
    types.set(type, new MessageType(type, end < 0 ? '' : line.slice(end + 1), name));
  }
  loaded.set(name, types);
}

/** `name=NUMBER[p][o][z]:TYPE`: pointer, omitempty, omitzero. */
function readField(text: string, index: number, own: string): Field {
  const parts = /^([^=]*)=(\d+)([poz]*):(.+)$/.exec(text);
  if (parts === null)
    throw new RangeError(`Cannot read a protobuf table: a field must be name=number:type, got "${text}"`);
  const [, name = '', number = '', flags = '', type = ''] = parts;
  return {
    name,
    number: Number(number),
    index,
    type: readType(type, own),
    pointer: flags.includes('p'),
    omitEmpty: flags.includes('o'),
    omitZero: flags.includes('z'),
  };
}

function readType(text: string, own: string): ValueType {
  const letter = text.charAt(0);
  if ('[{<'.includes(letter)) return { letter, message: undefined, element: readType(text.slice(1), own) };
  if (text.length === 1)
    return {
      letter,
      message: schemaUnions.includes(letter) ? typeNamed('JSONSchemaProps', own) : undefined,
      element: undefined,
    };
  return { letter: 'm', message: typeNamed(text, own), element: undefined };
}

const schemaUnions = 'eak';

function typeNamed(text: string, own: string): MessageType {
  const dot = text.lastIndexOf('.');
  const type = loaded.get(dot < 0 ? own : text.slice(0, dot))?.get(text.slice(dot + 1));
  if (type === undefined)
    throw new RangeError(`Cannot read a protobuf table: every type must be in a table, got "${text}"`);
  return type;
}
