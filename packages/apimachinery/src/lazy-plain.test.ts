import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { produce } from 'immer';
import lodash from 'lodash';
import { describe, expect, test } from 'vitest';
import { clone, deepFreeze, equal } from './json.ts';
import { createJsonPatch } from './json-patch-create.ts';
import { keyOf } from './key.ts';
import { type FieldSource, LazyShape, lazyObject, unread } from './lazy-object.ts';
import { applyMergePatch, createMergePatch } from './merge-patch.ts';
import { ownerReference } from './owner.ts';

interface Pod {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; uid: string; labels: Record<string, string> };
  spec: { nodeName: string; containers: { name: string; image: string }[] };
  status: { phase: string };
}

/** What kube-apiserver 1.35.4 answered. */
const json = readFileSync(new URL('testdata/pod.json', import.meta.url), 'utf8').trim();
const plain = JSON.parse(json) as Pod;
const names = Object.keys(plain);

interface Counted {
  readonly pod: Pod;
  readonly reads: string[];
}

/** A pod whose metadata, spec and status are plain once they were read. */
function flatPod(): Counted {
  const reads: string[] = [];
  const read = (name: string): unknown => {
    reads.push(name);
    return structuredClone(plain[name as keyof Pod]);
  };
  return { pod: lazyObject<Pod>(names, { read }), reads };
}

/** A pod whose metadata, spec and status are lazily decoded, too: what is no object is there, the rest is not. */
function deepPod(): Counted {
  const reads: string[] = [];
  const part = (data: Readonly<Record<string, unknown>>): object => {
    const source: FieldSource = { read: (name) => structuredClone(data[name]) };
    const values = Object.values(data).map((value) => (typeof value === 'object' ? unread : value));
    return new LazyShape(Object.keys(data)).object(values, source);
  };
  const read = (name: string): unknown => {
    reads.push(name);
    const value: unknown = plain[name as keyof Pod];
    return typeof value === 'object' ? part(value as Record<string, unknown>) : value;
  };
  return { pod: lazyObject<Pod>(names, { read }), reads };
}

/** A copy is plain: data properties, nothing of the original's symbols. */
function expectPlain(copy: object): void {
  expect(Reflect.ownKeys(copy)).toEqual(names);
  for (const name of names) expect(Object.getOwnPropertyDescriptor(copy, name)).toHaveProperty('value');
  expect(JSON.stringify(copy)).toBe(json);
}

describe.each([
  ['A lazily decoded object', flatPod],
  ['A lazily decoded object of lazily decoded parts', deepPod],
])('%s', (_, countedPod) => {
  const lazyPod = (): Pod => countedPod().pod;

  test('a lazily decoded object has the keys and entries of the plain one, in its order (Looks plain)', () => {
    const pod = lazyPod();
    expect(Object.keys(pod)).toEqual(names);
    expect(Object.entries(pod)).toEqual(Object.entries(plain));
    expect(Object.values(pod)).toEqual(Object.values(plain));
    const walked: string[] = [];
    for (const name in pod) walked.push(name);
    expect(walked).toEqual(names);
    expect(Object.getPrototypeOf(pod)).toBe(Object.prototype);
    expect(pod.constructor).toBe(Object);
    expect(Object.prototype.toString.call(pod)).toBe('[object Object]');
  });

  test('a lazily decoded object has its fields as own ones, and no others', () => {
    const { pod, reads } = countedPod();
    expect('spec' in pod).toBe(true);
    expect('data' in pod).toBe(false);
    expect(Object.hasOwn(pod, 'spec')).toBe(true);
    expect(Object.hasOwn(pod, 'toString')).toBe(false);
    expect(reads).toEqual([]);
    expect((pod as unknown as { data?: unknown }).data).toBeUndefined();
  });

  test('a lazily decoded object shows one symbol to Reflect.ownKeys, which is not enumerable', () => {
    const keys = Reflect.ownKeys(lazyPod());
    expect(keys.slice(0, names.length)).toEqual(names);
    const symbols = keys.slice(names.length);
    expect(symbols.map(String)).toEqual(['Symbol(nodejs.util.inspect.custom)']);
    expect(symbols.some((key) => Object.prototype.propertyIsEnumerable.call(lazyPod(), key))).toBe(false);
  });

  test('spread and Object.assign of a lazily decoded object give plain data', () => {
    expectPlain({ ...lazyPod() });
    expectPlain(Object.assign({}, lazyPod()));
    const { spec, ...rest } = lazyPod();
    expect([spec.nodeName, Object.keys(rest).includes('spec')]).toEqual(['node-1', false]);
    expect({ ...lazyPod(), kind: 'Other' }.kind).toBe('Other');
  });

  test('structuredClone of a lazily decoded object gives plain mutable data', () => {
    const copy = structuredClone(lazyPod());
    expectPlain(copy);
    copy.metadata.labels.app = 'changed';
    expect(copy.metadata.labels.app).toBe('changed');
  });

  test('JSON.stringify of a lazily decoded object gives the bytes of the plain one', () => {
    expect(JSON.stringify(lazyPod())).toBe(json);
    expect(JSON.stringify({ items: [lazyPod()] }, undefined, 2)).toBe(JSON.stringify({ items: [plain] }, undefined, 2));
    expect(JSON.stringify(lazyPod(), ['kind', 'metadata', 'name'])).toBe(
      JSON.stringify(plain, ['kind', 'metadata', 'name']),
    );
  });

  test('a lazily decoded object equals the plain one for toEqual, toMatchObject and node:assert, both ways', () => {
    expect(lazyPod()).toEqual(plain);
    expect(plain).toEqual(lazyPod());
    expect(lazyPod()).toEqual(lazyPod());
    expect(lazyPod()).not.toEqual({ ...plain, spec: {} });
    expect({ ...plain, extra: 1 }).not.toEqual(lazyPod());
    expect(lazyPod()).toMatchObject({ spec: { nodeName: 'node-1' } });
    assert.deepEqual(lazyPod(), plain);
    assert.deepEqual(plain, lazyPod());
  });

  test('a lazily decoded object passes toStrictEqual too, whose limit is that a field which is undefined counts as there', () => {
    expect(lazyPod()).toStrictEqual(plain);
    expect(plain).toStrictEqual(lazyPod());
    const withNothing = lazyObject<{ a?: number }>(['a'], { read: () => undefined });
    expect(withNothing).toEqual({});
    expect(withNothing).not.toStrictEqual({});
  });

  test("immer's produce makes plain drafts of a lazily decoded object, and leaves it as it is", () => {
    const pod = lazyPod();
    expect(produce(pod, () => undefined)).toBe(pod);
    const next = produce(pod, (draft) => {
      draft.metadata.labels.app = 'changed';
      draft.spec.containers.push({ name: 'second', image: 'i' });
    });
    expect(Reflect.ownKeys(next)).toEqual(names);
    expect(next.metadata.labels.app).toBe('changed');
    expect(next.spec.containers).toHaveLength(plain.spec.containers.length + 1);
    expect(next.status).toBe(pod.status);
    expect(pod).toEqual(plain);
  });

  test('lodash compares and copies a lazily decoded object as a plain one', () => {
    expect(lodash.isEqual(lazyPod(), plain)).toBe(true);
    expect(lodash.isEqual(plain, lazyPod())).toBe(true);
    expect(lodash.isEqual(lazyPod(), { ...plain, kind: 'Other' })).toBe(false);
    expect(lodash.isPlainObject(lazyPod())).toBe(true);
    const copy = lodash.cloneDeep(lazyPod());
    expectPlain(copy);
    copy.metadata.name = 'changed';
    expect(lodash.merge({}, lazyPod())).toEqual(plain);
    expect(lodash.get(lazyPod(), 'spec.nodeName')).toBe('node-1');
    expect(lodash.pick(lazyPod(), ['kind'])).toEqual({ kind: 'Pod' });
  });

  test('a Proxy around a lazily decoded object reads through it', () => {
    const { pod, reads } = countedPod();
    const plainProxy = new Proxy(pod, {});
    expect(plainProxy.spec.nodeName).toBe('node-1');
    expect(plainProxy.spec).toBe(pod.spec);
    expect(reads).toEqual(['spec']);
    expect(JSON.stringify(plainProxy)).toBe(json);
    const seen: PropertyKey[] = [];
    const watched = new Proxy(pod, {
      get(target, name, receiver) {
        seen.push(name);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    expect(watched.kind).toBe('Pod');
    expect(seen[0]).toBe('kind');
    expect(Object.create(pod).kind).toBe('Pod');
  });

  test.each([
    {},
    { depth: 0 },
    { depth: 1, colors: true },
    { depth: null, compact: false },
    { showHidden: true },
    { sorted: true },
    { maxArrayLength: 1 },
  ])('util.inspect shows a lazily decoded object as the plain one with %o', (options) => {
    expect(inspect(lazyPod(), options)).toBe(inspect(plain, options));
    expect(inspect({ deep: { pods: [lazyPod()] } }, options)).toBe(inspect({ deep: { pods: [plain] } }, options));
  });

  test('util.inspect shows a copy by descriptors of a lazily decoded object as the copy is', () => {
    const descriptors = Object.getOwnPropertyDescriptors(lazyPod()) as PropertyDescriptorMap;
    const copy: unknown = Object.create(Object.prototype, {
      ...descriptors,
      kind: { value: 'Other', enumerable: true },
    });
    expect(inspect(copy)).toBe(inspect({ ...plain, kind: 'Other' }));
  });

  test('writes to a lazily decoded object throw, at every depth', () => {
    const pod = lazyPod() as unknown as Record<string, unknown>;
    expect(Object.isFrozen(pod)).toBe(true);
    expect(Object.isSealed(pod)).toBe(true);
    expect(() => {
      pod.kind = 'Other';
    }).toThrow(TypeError);
    expect(() => {
      pod.data = {};
    }).toThrow(TypeError);
    expect(() => {
      delete pod.spec;
    }).toThrow(TypeError);
    expect(() => Object.defineProperty(pod, 'kind', { value: 'Other' })).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(pod, null)).toThrow(TypeError);
    expect(() => {
      (lazyPod().metadata.labels as Record<string, string>).app = 'x';
    }).toThrow(TypeError);
    expect(() => lazyPod().spec.containers.push()).toThrow(TypeError);
  });

  test('deepFreeze of a lazily decoded object reads nothing of it', () => {
    const { pod, reads } = countedPod();
    expect(deepFreeze(pod)).toBe(pod);
    deepFreeze({ items: [pod] });
    expect(reads).toEqual([]);
  });

  test('clone and equal take a lazily decoded object', () => {
    const copy = clone(lazyPod());
    expectPlain(copy);
    copy.metadata.labels.app = 'changed';
    expect(equal(lazyPod(), plain) && equal(plain, lazyPod())).toBe(true);
    expect(equal(lazyPod(), copy)).toBe(false);
  });

  test('patches are made from and to a lazily decoded object', () => {
    const changed = clone(plain);
    changed.spec.nodeName = 'node-2';
    expect(createJsonPatch(lazyPod(), changed)).toEqual([{ op: 'replace', path: '/spec/nodeName', value: 'node-2' }]);
    expect(createJsonPatch(changed, lazyPod())).toEqual([{ op: 'replace', path: '/spec/nodeName', value: 'node-1' }]);
    expect(createMergePatch(lazyPod(), changed)).toEqual({ spec: { nodeName: 'node-2' } });
    expect(createMergePatch(lazyPod(), plain)).toEqual({});
    expect(applyMergePatch(lazyPod(), { spec: { nodeName: 'node-2' } })).toEqual(changed);
  });

  test('keyOf and ownerReference take a lazily decoded object, and read no more than they need', () => {
    const { pod, reads } = countedPod();
    const { name, namespace, uid } = plain.metadata;
    expect(keyOf(pod)).toBe(`${namespace}/${name}`);
    expect(reads).toEqual(['metadata']);
    expect(ownerReference(pod)).toEqual({ apiVersion: 'v1', kind: 'Pod', name, uid });
    expect(reads).not.toContain('spec');
  });
});

describe('A lazily decoded part', () => {
  const part = (): Pod['metadata'] => deepPod().pod.metadata;
  const isUnread = (name: string, of: object = part()): boolean =>
    Object.getOwnPropertyDescriptor(of, name)?.get !== undefined;

  test('a lazily decoded part has the keys, entries and JSON of the plain one, some of them unread', () => {
    expect(Object.keys(part())).toEqual(Object.keys(plain.metadata));
    expect(Object.entries(part())).toEqual(Object.entries(plain.metadata));
    expect(JSON.stringify(part())).toBe(JSON.stringify(plain.metadata));
    expect([isUnread('name'), isUnread('labels')]).toEqual([false, true]);
    expect(Object.getPrototypeOf(part())).toBe(Object.prototype);
    expect('labels' in part() && !('data' in part())).toBe(true);
  });

  test('copies of a lazily decoded part are plain: spread, structuredClone, clone, lodash, immer, the rest of a pattern', () => {
    const { name, ...rest } = part();
    const copies = [
      { ...part() },
      structuredClone(part()),
      clone(part()),
      lodash.cloneDeep(part()),
      { name, ...rest },
      produce(part(), ({ labels }) => void Object.assign(labels, { app: 'other' })),
    ];
    for (const copy of copies) {
      expect(Reflect.ownKeys(copy)).toEqual(Object.keys(plain.metadata));
      expect(Object.keys(copy).some((key) => isUnread(key, copy))).toBe(false);
    }
    for (const copy of copies.slice(0, -1)) expect(JSON.stringify(copy)).toBe(JSON.stringify(plain.metadata));
  });

  test('a lazily decoded part compares and shows as the plain one: toStrictEqual, assert, equal, lodash, inspect, Proxy', () => {
    expect(part()).toStrictEqual(plain.metadata);
    expect(plain.metadata).toStrictEqual(part());
    assert.deepStrictEqual({ ...part() }, plain.metadata);
    expect(equal(part(), plain.metadata) && lodash.isEqual(part(), plain.metadata)).toBe(true);
    expect(inspect(part(), { depth: null })).toBe(inspect(plain.metadata, { depth: null }));
    expect(new Proxy(part(), {}).labels).toEqual(plain.metadata.labels);
  });

  test('a lazily decoded part is frozen with all that is read of it; deepFreeze and isFrozen read nothing', () => {
    const { pod, reads } = deepPod();
    const { metadata } = deepFreeze(pod);
    expect(Object.isFrozen(deepFreeze(metadata)) && isUnread('labels', metadata)).toBe(true);
    expect(reads).toEqual(['metadata']);
    expect(Object.isFrozen(metadata.labels)).toBe(true);
    expect(() => Object.assign(metadata, { name: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(metadata.labels, { app: 'x' })).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(metadata, 'labels') || fail()).toThrow('refused');
  });
});

function fail(): never {
  throw new TypeError('refused');
}
