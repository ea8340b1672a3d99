import type { JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { at, child, root } from '../field-error.ts';
import { isSchema } from '../schema-node.ts';

/** A JSON path that leads somewhere, or why it does not. */
export type FoundPath =
  | { readonly path: string; readonly schema: JSONSchemaProps | undefined }
  | { readonly problem: string };

/**
 * Follows a simple JSON path (`.spec.name`, `.spec['a.b']`) through a schema.
 *
 * @see apiextensions-apiserver schema/cel/validation.go `ValidFieldPath`
 */
export function followPath(jsonPath: string, schema: JSONSchemaProps, allowBrackets: boolean): FoundPath {
  const tokens = tokensOf(jsonPath);
  let path = root;
  let here: JSONSchemaProps | undefined = schema;
  const enter = (name: string): string | undefined => {
    const { properties, additionalProperties }: JSONSchemaProps = here ?? {};
    const isNamed = Object.keys(properties ?? {}).length > 0;
    if (!isNamed && additionalProperties === undefined) return 'does not refer to a valid field';
    path = isNamed ? child(path, name) : at(path, name);
    here = isNamed ? properties?.[name] : isSchema(additionalProperties) ? additionalProperties : undefined;
    return isNamed && here === undefined ? 'does not refer to a valid field' : undefined;
  };
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    const problem =
      token === '['
        ? bracket(tokens, allowBrackets, enter)
        : token === '.'
          ? dot(tokens, enter)
          : `expected [ or . but got: ${token}`;
    if (problem !== undefined) return { problem };
  }
  return { path, schema: here };
}

function dot(tokens: string[], enter: (name: string) => string | undefined): string | undefined {
  const name = tokens.shift();
  return name === undefined ? 'unexpected end of JSON path' : enter(name);
}

function bracket(
  tokens: string[],
  isAllowed: boolean,
  enter: (name: string) => string | undefined,
): string | undefined {
  if (!isAllowed) return 'array notation is not allowed';
  const quoted = tokens.shift();
  if (quoted === undefined) return 'unexpected end of JSON path';
  if (!/^'.*'$/s.test(quoted) || quoted.length < 2) return `expected single quoted string but got ${quoted}`;
  const unescaped = unquote(quoted.slice(1, -1));
  if ('problem' in unescaped) return unescaped.problem;
  const problem = enter(unescaped.name);
  if (problem !== undefined) return problem;
  const close = tokens.shift();
  if (close === undefined) return 'unexpected end of JSON path';
  return close === ']' ? undefined : `expected ] but got ${close}`;
}

/** Delimiters, quoted texts, and what stands between. */
function tokensOf(jsonPath: string): string[] {
  return jsonPath.match(/'(?:[^'\\]|\\.|\\$)*'|[.[\]]|[^.[\]]+/gs) ?? [];
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ "'": "'", '\\': '\\' },
};

function unquote(text: string): { name: string } | { problem: string } {
  let problem: string | undefined;
  const name = text.replaceAll(/\\(.)/g, (sequence, letter: string) => {
    const character = escapes[letter];
    if (character === undefined) problem = `invalid string literal: invalid escape char ${sequence}`;
    return character ?? '';
  });
  return problem === undefined ? { name } : { problem };
}
