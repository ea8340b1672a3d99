import { readFileSync } from 'node:fs';

/** A doc comment and the space after it, as a pattern. */
const comment = '/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\s*';

/** One field of a model, as it is on the wire. */
export interface Field {
  /** The name on the wire: `default`, not `_default`. */
  readonly name: string;
  /** The type in the source's own words: `Array<V1Container>`, `{ [key: string]: string; }`, `Date`. */
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
}

/** One class of the source: a kind, a list, or a part of one. */
export interface Model {
  /** The name of the class: `V1PodSpec`, `CoreV1Event`. */
  readonly name: string;
  readonly doc: string;
  readonly fields: readonly Field[];
}

/**
 * Reads the models that the source exports, and no leftovers of earlier Kubernetes versions beside them.
 *
 * @param folder The folder `dist/gen` of `@kubernetes/client-node`.
 * @param leftovers Names of models that are read although the source no longer exports them.
 */
export function readModels(folder: string, leftovers: readonly string[] = []): Map<string, Model> {
  const index = readFileSync(`${folder}/models/all.js`, 'utf8');
  const exported = [...index.matchAll(/from '\.\.\/models\/(\w+)\.js'/g)].map((match) => match[1] ?? '');
  if (exported.length === 0) throw new Error(`Cannot read the models: ${folder}/models/all.js exports none`);
  const names = [...exported, ...leftovers].sort();
  return new Map(
    names.map((name) => {
      const read = (extension: string): string => readFileSync(`${folder}/models/${name}${extension}`, 'utf8');
      return [name, readModel(name, read('.js'), read('.d.ts'))];
    }),
  );
}

/** Joins what the class says (wire name, type) with what its declaration says (optional or not, documentation). */
export function readModel(name: string, script: string, declaration: string): Model {
  const table = /\.attributeTypeMap = (\[[\s\S]*?\n?\]);/.exec(script)?.[1];
  const body = new RegExp(`(${comment})?export declare class \\w+ \\{([\\s\\S]*)\\n\\}`).exec(declaration);
  if (table === undefined || body === null) throw new Error(`Cannot read model ${name}: it has not the expected form`);
  const attributes = JSON.parse(table) as { name: string; baseName: string; type: string }[];
  const declared = new Map<string, { required: boolean; doc: string }>();
  for (const match of (body[2] ?? '').matchAll(new RegExp(`(${comment})?'([^']+)'(\\??):`, 'g'))) {
    declared.set(match[2] ?? '', { doc: text(match[1] ?? ''), required: match[3] === '' });
  }
  const fields = attributes.map((attribute) => {
    const found = declared.get(attribute.name);
    if (found === undefined) throw new Error(`Cannot read model ${name}: ${attribute.name} is not declared`);
    return { name: attribute.baseName, type: attribute.type, ...found };
  });
  return { name, doc: text(body[1] ?? ''), fields };
}

/** The names of the models that a type mentions. */
export function mentioned(type: string): string[] {
  return type.match(/\b[A-Z]\w*V\d\w*\b|\bV\d\w+\b/g) ?? [];
}

/** What stands between the comment marks, on one line, with the source's escapes undone. */
function text(comment: string): string {
  return comment
    .replaceAll(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\\(['"\\])/g, '$1')
    .trim();
}
