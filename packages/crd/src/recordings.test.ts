import { readFileSync } from 'node:fs';
import type { CustomResourceDefinition, JSONSchemaProps } from '@bowline/api/apiextensions/v1';
import { describe, expect, test } from 'vitest';
import { type CrdManifest, type FieldError, StructuralSchema, type ValidateOptions, validateCrd } from './index.ts';

// What a real kube-apiserver answered; written by tools/crd-recordings.

type Cause = readonly [reason: string, field: string, message: string];

function recording<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../testdata/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** The order of errors about members of one object is random on a server. */
function sorted(causes: readonly Cause[]): string[] {
  return causes.map((cause) => cause.join(' | ')).sort();
}

function causesOf(errors: readonly FieldError[]): Cause[] {
  return errors.map(({ type, field, message }) => [type, field, message]);
}

describe("The server's words: validateCrd", () => {
  const { definitions } = recording<{
    definitions: { name: string; definition: CrdManifest; code: number; causes: Cause[] }[];
  }>('definitions');

  test.each(definitions)('$name', ({ definition, code, causes }) => {
    expect(sorted(causesOf(validateCrd(definition)).filter((cause) => !isCel(cause)))).toEqual(
      sorted(causes.filter((cause) => !isCel(cause))),
    );
    expect(code).toBe(causes.length === 0 ? 201 : 422);
  });

  /** Expressions are not compiled here. */
  function isCel([, , message]: Cause): boolean {
    return /compilation failed|estimated rule cost/.test(message);
  }
});

describe("The server's words: validateCrd of an update", () => {
  const { old, updates } = recording<{
    old: CustomResourceDefinition;
    updates: { name: string; now: CrdManifest; causes: Cause[] }[];
  }>('definition-updates');

  test.each(updates)('$name', ({ now, causes }) => {
    expect(sorted(causesOf(validateCrd(now, old)))).toEqual(sorted(causes));
  });
});

interface ObjectCase {
  readonly object: object;
  readonly code: number;
  readonly causes?: Cause[];
  readonly message?: string;
  readonly stored?: object;
  readonly unknown?: string[];
}

interface Scenario {
  readonly name: string;
  readonly schema: JSONSchemaProps;
  readonly extra: { readonly subresources?: ValidateOptions };
  readonly objects: readonly ObjectCase[];
}

const { scenarios } = recording<{ scenarios: Scenario[] }>('objects');

describe.each(scenarios)("The server's words: StructuralSchema, $name", ({ schema: source, extra, objects }) => {
  const schema = StructuralSchema.from(source);
  const named = objects.map((each) => [JSON.stringify(each.object).slice(0, 100), each] as const);

  test.each(named)('%s', (_, { object, code, causes, message, stored, unknown }) => {
    const result = {
      apiVersion: 'recorded.example.com/v1',
      kind: 'X',
      metadata: { name: 'x' },
      ...structuredClone(object),
    };
    schema.default(result);
    const removed = schema.prune(result);
    const coercion = schema.coerceEmbedded(result);
    if (code !== 201 && code !== 422) {
      // A wrong type in metadata: the request cannot be read at all.
      expect(message).toContain(coercion.error?.message ?? 'no error');
      return;
    }
    expect(coercion.error).toBeUndefined();
    const errors = schema.validate(result, undefined, { scale: extra.subresources?.scale });
    expect(sorted(causesOf(errors))).toEqual(sorted(causes ?? []));
    if (code !== 201) return;
    const { apiVersion: _a, kind: _k, metadata: _m, ...members } = result as Record<string, unknown>;
    expect(members).toEqual(stored);
    expect([...removed, ...coercion.unknown].sort()).toEqual([...(unknown ?? [])].sort());
  });
});

describe('Forgiving: StructuralSchema.validate', () => {
  interface UpdateCase {
    readonly old: object;
    readonly now: object;
    readonly causes: Cause[];
  }
  const {
    schema: source,
    updates,
    statusUpdates,
  } = recording<{
    schema: JSONSchemaProps;
    updates: UpdateCase[];
    statusUpdates: UpdateCase[];
  }>('updates');
  const schema = StructuralSchema.from(source);
  const named = (cases: readonly UpdateCase[]): (readonly [string, UpdateCase])[] =>
    cases.map((each) => [`${JSON.stringify(each.old)} → ${JSON.stringify(each.now)}`, each] as const);
  const typed = (object: object): object => ({ apiVersion: 'recorded.example.com/v1', kind: 'Thing', ...object });

  test.each(named(updates))('%s', (_, { old, now, causes }) => {
    expect(sorted(causesOf(schema.validate(typed(now), typed(old))))).toEqual(sorted(causes));
  });

  test.each(named(statusUpdates))('status: %s', (_, { old, now, causes }) => {
    const errors = schema.validate(typed(now), typed(old), { subresource: 'status' });
    expect(sorted(causesOf(errors))).toEqual(sorted(causes));
  });
});
