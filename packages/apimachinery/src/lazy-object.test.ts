import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type KnownFields, LazyShape, lazyObject, unread } from './lazy-object.ts';

const names = ['apiVersion', 'kind', 'metadata', 'spec'];
const plain = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'web' } },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
};

type Pod = typeof plain;

/** A lazy pod, and what was read of it. */
function lazyPod(known?: KnownFields): { readonly pod: Pod; readonly reads: string[] } {
  const reads: string[] = [];
  const read = (name: string): unknown => {
    reads.push(name);
    return structuredClone(plain[name as keyof Pod]);
  };
  return { pod: lazyObject<Pod>(names, { read }, known), reads };
}

describe('lazyObject', () => {
  test('lazyObject reads each field once, when it is read first', () => {
    const { pod, reads } = lazyPod();
    expect(reads).toEqual([]);
    expect(pod.spec).toBe(pod.spec);
    expect(reads).toEqual(['spec']);
    expect(pod.metadata.name).toBe('web');
    expect(pod).toEqual(plain);
    expect(reads).toEqual(['spec', 'metadata', 'apiVersion', 'kind']);
  });

  test('lazyObject takes what is known as it is', () => {
    const { pod, reads } = lazyPod({ apiVersion: 'v1', kind: 'Pod' });
    expect(Object.entries(pod)).toEqual(Object.entries(plain));
    expect(reads).toEqual(['metadata', 'spec']);
    expect(Object.isFrozen(pod)).toBe(true);
    expect(Object.keys(lazyPod({ kind: 'Pod', apiVersion: undefined }).pod)).toEqual(names);
  });

  test('lazyObject lets its source go when all was read, and keeps undefined as a value', () => {
    let reads = 0;
    const object = lazyObject<{ a: unknown }>(['a'], { read: () => void reads++ });
    expect([object.a, object.a, reads]).toEqual([undefined, undefined, 1]);
  });

  test('lazyObject does not keep its source alive once all was read, or is known', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const refs: WeakRef<object>[] = [];
    const make = (known?: KnownFields): { kind: unknown } => {
      const source = { read: () => 'Pod' };
      refs.push(new WeakRef(source));
      return lazyObject(['kind'], source, known);
    };
    const objects = [make({ kind: 'Pod' }), make(), make()];
    expect(objects[1]?.kind).toBe('Pod');
    await new Promise<void>((resolve) => setImmediate(resolve));
    collect();
    expect(refs.map((ref) => ref.deref() === undefined)).toEqual([true, true, false]);
    expect(objects.map(({ kind }) => kind)).toEqual(['Pod', 'Pod', 'Pod']);
  });

  test('lazyObject reads a field again when its source threw', () => {
    let reads = 0;
    const object = lazyObject<{ a: number }>(['a'], {
      read() {
        if (++reads === 1) throw new Error('not yet');
        return reads;
      },
    });
    expect(() => object.a).toThrow('not yet');
    expect([object.a, object.a]).toEqual([2, 2]);
  });

  test('lazyObject takes any names: integers, __proto__, constructor', () => {
    const data = JSON.parse('{"1":"one","__proto__":{"a":1},"constructor":2,"":3}');
    const object = lazyObject<Record<string, unknown>>(Object.keys(data), { read: (name) => data[name] });
    expect(Object.keys(object)).toEqual(['1', '__proto__', 'constructor', '']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(JSON.stringify(object)).toBe(JSON.stringify(data));
  });

  test('lazyObject is a fast object for V8, of one shape for the same names', () => {
    setFlagsFromString('--allow-natives-syntax');
    const isFast = runInNewContext('(object) => %HasFastProperties(object)');
    const sameMap = runInNewContext('(a, b) => %HaveSameMap(a, b)');
    const source = { read: (name: string) => ({ name }) };
    const many = Array.from({ length: 100 }, () => lazyObject<object>([...names], source));
    const longer = lazyObject<object>([...names, 'status'], source);
    expect(many.every(isFast)).toBe(true);
    expect(many.every((one) => sameMap(one, many[0]))).toBe(true);
    expect(isFast(longer)).toBe(true);
    setFlagsFromString('--no-allow-natives-syntax');
  });
});

describe('LazyShape', () => {
  const shape = new LazyShape(['a', 'b', 'c', 'd']);

  test('LazyShape.object has the values that are there, reads those that are unread, and lacks those that are undefined', () => {
    const reads: unknown[] = [];
    const values = ['A', undefined, unread, unread];
    const object = shape.object<Record<string, unknown>>(values, {
      read(name, place) {
        reads.push(name, place);
        return [name];
      },
    });
    values.fill('changed');
    expect(Object.keys(object)).toEqual(['a', 'c', 'd']);
    expect([object.a, object.d, object.d, reads]).toEqual(['A', ['d'], ['d'], ['d', 3]]);
    expect(object).toEqual({ a: 'A', c: ['c'], d: ['d'] });
    expect(Object.isFrozen(object) && Object.isFrozen(object.c)).toBe(true);
  });

  test('LazyShape.object makes plain frozen data where nothing is unread', () => {
    const object = shape.object<object>([undefined, 1, null, ''], { read: () => expect.unreachable() });
    expect(Reflect.ownKeys(object)).toEqual(['b', 'c', 'd']);
    expect(Object.isFrozen(object)).toBe(true);
    expect(Reflect.ownKeys(shape.object([], { read: () => undefined }))).toEqual([]);
  });

  test('LazyShape takes names of every sort: integers, __proto__, more than an object has room for', () => {
    const names = ['1', '__proto__', ...Array.from({ length: 100 }, (_, index) => `n${index}`)];
    const data = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:"x"`).join()}}`);
    const known = new LazyShape(names).object<object>(Object.values(data), { read: () => undefined });
    expect(JSON.stringify(known)).toBe(JSON.stringify(data));
    const half = new LazyShape(names).object<object>(
      names.map((_, index) => (index % 2 === 0 ? unread : 'x')),
      { read: () => 'x' },
    );
    expect(JSON.stringify(half)).toBe(JSON.stringify(data));
  });

  test('LazyShape makes fast objects, also where shapes have the same names at other places', () => {
    setFlagsFromString('--allow-natives-syntax');
    const isFast = runInNewContext('(object) => %HasFastProperties(object)');
    const source = { read: () => 1 };
    const others = [new LazyShape(['b', 'a', 'c']), new LazyShape(['a', 'c', 'b']), shape];
    for (const values of [
      [unread, unread, unread],
      ['x', unread, unread],
      [undefined, unread, 'x'],
    ]) {
      for (const other of others) expect(isFast(other.object(values, source))).toBe(true);
    }
    setFlagsFromString('--no-allow-natives-syntax');
  });
});
