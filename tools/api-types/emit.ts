import type { KindFacts } from './kinds.ts';
import type { Field, Model } from './models.ts';
import { type Layout, type Module, vocabulary } from './modules.ts';

/** Fields whose type the source gives up on. */
const betterTypes: Readonly<Record<string, string>> = {
  'JSONSchemaProps.items': 'JSONSchemaProps | readonly JSONSchemaProps[]',
  'JSONSchemaProps.additionalItems': 'JSONSchemaProps | boolean',
  'JSONSchemaProps.additionalProperties': 'JSONSchemaProps | boolean',
  'JSONSchemaProps.dependencies': 'Readonly<Record<string, JSONSchemaProps | readonly string[]>>',
};

/** These are sent, never stored: their metadata names what they are for. */
const requests = ['Eviction', 'TokenRequest'];

/** The TypeScript text of one group-version. */
export function emitModule(module: Module, layout: Layout, models: ReadonlyMap<string, Model>): string {
  const emitter = new Emitter(module, layout);
  const lists = new Map(module.kinds.map((kind) => [kind.listModel ?? '', kind]));
  const kinds = new Map(module.kinds.map((kind) => [kind.model, kind]));
  const parts = module.models.map((name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`Cannot emit ${name}: it was not read`);
    const listed = lists.get(name);
    if (listed) return emitter.list(model, listed);
    const kind = kinds.get(name);
    return emitter.interface(model, kind?.kind) + (kind ? emitter.handle(kind) : '');
  });
  const passedOn =
    module.name === 'meta/v1'
      ? `export type { ${Object.values(vocabulary).join(', ')} } from '@bowline/apimachinery';\n`
      : '';
  return `${emitter.imports()}${passedOn}\n${parts.join('\n')}`;
}

/** The table of all handles, for those who need every kind. */
export function emitTable(layout: Layout): string {
  const modules = layout.modules.filter(({ kinds }) => kinds.length > 0);
  const name = (module: Module): string =>
    module.name.replaceAll(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());
  const imports = modules
    .map((module) => `import * as ${name(module)} from './generated/${module.name}.ts';\n`)
    .join('');
  const handles = modules.flatMap((module) => module.kinds.map(({ kind }) => `  ${name(module)}.${kind},\n`)).join('');
  return `import type { Kind } from '@bowline/apimachinery';\n${imports}\n/** Every built-in kind, by group, version and kind. */\nexport const builtinKinds: readonly Kind[] = /* @__PURE__ */ Object.freeze([\n${handles}]);\n`;
}

class Emitter {
  readonly #module: Module;
  readonly #layout: Layout;
  readonly #types: Map<string, Set<string>> = new Map();
  readonly #kindNames: ReadonlyMap<string, string>;
  #hasHandles = false;

  constructor(module: Module, layout: Layout) {
    this.#module = module;
    this.#layout = layout;
    this.#kindNames = new Map(
      layout.modules.flatMap(({ kinds }) => kinds.map((kind) => [kind.model, kind.kind] as const)),
    );
  }

  interface(model: Model, kind: string | undefined): string {
    const name = this.#layout.placeOf.get(model.name)?.name ?? '';
    const isObject =
      model.fields.some((field) => field.name === 'kind') &&
      model.fields.some((field) => field.type === 'V1ObjectMeta');
    const fields = model.fields.map((field) => {
      if (!isObject) return this.#field(name, field);
      if (field.name === 'apiVersion') return `  readonly apiVersion: '${apiVersionOf(this.#module)}';\n`;
      if (field.name === 'kind') return `  readonly kind: '${kind ?? name}';\n`;
      if (field.name === 'metadata' && !requests.includes(name))
        return `  readonly metadata: ${this.#use('@bowline/apimachinery', 'ObjectMeta')};\n`;
      return this.#field(name, field);
    });
    return `${comment(model.doc, '')}export interface ${name} {\n${fields.join('')}}\n`;
  }

  list(model: Model, kind: KindFacts): string {
    return `${comment(model.doc, '')}export type ${kind.kind}List = ${this.#use('@bowline/apimachinery', 'ObjectList')}<${kind.kind}>;\n`;
  }

  handle(kind: KindFacts): string {
    this.#hasHandles = true;
    const { group, version, resource, scope, subresources } = kind;
    const names = subresources.map((subresource) => `'${subresource}'`).join(', ');
    return (
      `/** ${kind.kind} as a value: its group, version, resource and scope. */\n` +
      `export const ${kind.kind}: ${this.#use('@bowline/apimachinery', 'Kind')}<${kind.kind}> = /* @__PURE__ */ defineKind({\n` +
      `  group: '${group}', version: '${version}', kind: '${kind.kind}', resource: '${resource}', scope: '${scope}', subresources: [${names}],\n});\n`
    );
  }

  imports(): string {
    const lines = [...this.#types]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => `import type { ${[...names].sort().join(', ')} } from '${from}';\n`);
    return (this.#hasHandles ? "import { defineKind } from '@bowline/apimachinery';\n" : '') + lines.join('');
  }

  #field(owner: string, field: Field): string {
    const name = /^[A-Za-z_$][\w$]*$/.test(field.name) ? field.name : `'${field.name}'`;
    const type = betterTypes[`${owner}.${field.name}`] ?? this.#type(field.type);
    return `${comment(field.doc, '  ')}  readonly ${name}${field.required ? '' : '?'}: ${type}${field.required || type === 'unknown' ? '' : ' | undefined'};\n`;
  }

  #type(type: string): string {
    const array = /^Array<(.*)>$/.exec(type)?.[1];
    if (array !== undefined) {
      const item = this.#type(array);
      return `readonly ${/[ |]/.test(item) ? `(${item})` : item}[]`;
    }
    const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
    if (map === 'string') return this.#use('@bowline/apimachinery', 'StringMap');
    if (map !== undefined) return `Readonly<Record<string, ${this.#type(map)}>>`;
    switch (type) {
      case 'string':
      case 'number':
      case 'boolean':
        return type;
      case 'Date':
      case 'V1MicroTime':
        return 'string';
      case 'any':
        return 'unknown';
      case 'IntOrString':
        return 'number | string';
      case 'V1ObjectMeta':
        return `Partial<${this.#use('@bowline/apimachinery', 'ObjectMeta')}>`;
      default:
        return this.#model(type);
    }
  }

  #model(model: string): string {
    const word = vocabulary[model];
    if (word !== undefined) return this.#use('@bowline/apimachinery', word);
    const place = this.#layout.placeOf.get(model);
    if (place === undefined) throw new Error(`Cannot emit a field of type ${model}: unknown type`);
    const name = place.module === this.#module.name ? place.name : this.#use(`../${place.module}.ts`, place.name);
    // A kind inside another (a claim template of a StatefulSet) has not been to the server.
    return this.#kindNames.has(model) ? `${this.#use('@bowline/apimachinery', 'Draft')}<${name}>` : name;
  }

  #use(from: string, name: string): string {
    const local = this.#module.models.some((model) => this.#layout.placeOf.get(model)?.name === name);
    const elsewhere = [...this.#types].some(([other, names]) => other !== from && names.has(name));
    if (local || elsewhere) throw new Error(`Cannot emit ${this.#module.name}: ${name} stands for two types`);
    const names = this.#types.get(from) ?? new Set();
    this.#types.set(from, names.add(name));
    return name;
  }
}

function apiVersionOf({ name, kinds }: Module): string {
  const [first] = kinds;
  if (first === undefined) throw new Error(`Cannot tell the apiVersion of ${name}: it has no kind`);
  return first.group === '' ? first.version : `${first.group}/${first.version}`;
}

function comment(doc: string, indent: string): string {
  if (doc === '') return '';
  const safe = doc.replaceAll('*/', '*\\/').split('\n');
  return safe.length === 1
    ? `${indent}/** ${safe[0]} */\n`
    : `${indent}/**\n${safe.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
