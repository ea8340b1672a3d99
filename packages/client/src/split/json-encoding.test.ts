import { valueAt } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { JsonEncoding, type TypeFields } from './json-encoding.ts';
import { NamedItem, type SplitItem } from './split-item.ts';

type Json = Record<string, unknown>;

/** An item among the bytes of others. */
function item(text: string, type: TypeFields = { apiVersion: '', kind: '' }): SplitItem<Json> {
  const bytes = Buffer.from(`{"a":"},${text},"b]`);
  const start = 8;
  return new NamedItem('a', 'u', '1', new JsonEncoding<Json>(type), bytes, start, start + Buffer.byteLength(text));
}

function objectOf(encoding: JsonEncoding<Json>, text: string): Json {
  const bytes = Buffer.from(text);
  return encoding.object(bytes, 0, bytes.length);
}

function copy(text: string, ...drop: string[][]): string {
  const source = item(text);
  const { encoding } = source;
  const target = Buffer.alloc(encoding.room(source) + 4, '#');
  const length = encoding.copy(source, target, 2, drop);
  expect(target.toString('utf8', 0, 2) + target.toString('utf8', 2 + length)).toMatch(/^#+$/);
  return target.toString('utf8', 2, 2 + length);
}

describe('JsonEncoding', () => {
  test('JsonEncoding decodes a field when it is read first, and freezes at every depth (Lazy)', () => {
    const one = item('{"spec":{"list":[{"a":1}]},"status":null,"text":"a\\nb","empty":""}');
    const { object } = one;
    expect(one.object).toBe(object);
    expect(object.spec).toBe(object.spec);
    expect(object).toEqual({ spec: { list: [{ a: 1 }] }, status: null, text: 'a\nb', empty: '' });
    expect(Object.isFrozen(object)).toBe(true);
    expect(Object.isFrozen((object as { spec: { list: object[] } }).spec.list[0])).toBe(true);
  });

  test('JsonEncoding completes type fields, but never overrides what the item says', () => {
    const type = { apiVersion: 'v1', kind: 'Pod' };
    const both = (text: string, given?: TypeFields): Json => {
      const { object } = item(text, given);
      const decoded = item(text, given).decode();
      expect(Object.entries(object)).toEqual(Object.entries(decoded));
      for (const name of ['apiVersion', 'kind']) expect(item(text, given).read([name])).toEqual(decoded[name]);
      return object;
    };
    expect(both('{"a":1}', type)).toEqual({ apiVersion: 'v1', kind: 'Pod', a: 1 });
    expect(Object.keys(both('{"a":1}', type))).toEqual(['apiVersion', 'kind', 'a']);
    expect(both('{ }', type)).toEqual(type);
    expect(both('{"kind":"Other"}', type)).toEqual({ apiVersion: 'v1', kind: 'Other' });
    expect(both('{"a":1}')).toEqual({ a: 1 });
    expect(both('{"a":1}', { apiVersion: 'v1', kind: '' })).toEqual({ apiVersion: 'v1', a: 1 });
    expect(item('{}', type).read(['kind', 'x'])).toBeUndefined();
  });

  test('JsonEncoding fills in the type that it is told later', () => {
    const encoding = new JsonEncoding<Json>({ apiVersion: '', kind: '' });
    expect(objectOf(encoding, '{"a":1}')).toEqual({ a: 1 });
    encoding.type = { apiVersion: 'v1', kind: 'Pod' };
    expect(objectOf(encoding, '{"a":1}')).toEqual({ apiVersion: 'v1', kind: 'Pod', a: 1 });
  });

  test('JsonEncoding.decode gives plain mutable data each time', () => {
    const one = item('{"a":{"b":1}}');
    const before = one.decode();
    expect(one.decode()).not.toBe(before);
    void one.object;
    const after = one.decode() as { a: { b: number } };
    after.a.b = 2;
    expect(one.object).toEqual({ a: { b: 1 } });
    expect(Object.isFrozen(after)).toBe(false);
  });

  test.each([
    '{"2":0,"b":1,"1":2,"a":3}',
    '{"__proto__":{"x":1},"constructor":2,"":3}',
    '{"\\u0061":1,"\\"":2,"\\ud800":3,"ü":4}',
    ' { "a" : 1 , "b" : [ ] , "c" : { } } ',
    `{"long":"${'x'.repeat(200)}\\\\","longer":"${'\\\\'.repeat(99)}\\"","after":1}`,
    '{}',
  ])('JsonEncoding gives the members of %s as JSON.parse does, in its order', (text) => {
    const { object } = item(text.trim());
    const plain = JSON.parse(text) as Json;
    expect(Object.entries(object)).toEqual(Object.entries(plain));
    expect(item(text.trim()).decode()).toEqual(plain);
    for (const name of Object.keys(plain)) expect(item(text.trim()).read([name])).toEqual(valueAt(plain, [name]));
  });

  test('JsonEncoding reads objects whose keys are too many or too long to be remembered', () => {
    const encoding = new JsonEncoding<Json>({ apiVersion: '', kind: 'K' });
    for (const keys of [['a'], ['b'.repeat(5_000)], ['a', 'c'.repeat(100)], ['d'.repeat(5_000)], ['a']]) {
      const plain = Object.fromEntries(keys.map((key, index) => [key, index]));
      const object = objectOf(encoding, JSON.stringify(plain));
      expect(Object.entries(object)).toEqual(Object.entries({ kind: 'K', ...plain }));
    }
  });

  test('JsonEncoding keeps apart the shapes of objects that follow each other', () => {
    const encoding = new JsonEncoding<Json>({ apiVersion: '', kind: '' });
    const texts = Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? '{"b":1,"a":2}' : `{"a":3,"b${i % 150}":4}`));
    for (const text of texts) expect(objectOf(encoding, text)).toEqual(JSON.parse(text));
  });

  const text = `{"metadata":{"name":"web \\"1\\"","labels":{"app":"x","example.com/app":"y","a\\u002eb":"z"},"n":null},
    "spec":{"nodeName":"n1","replicas":-1.5e3,"paused":true,"sub":{"x":{"y":"z"}},"sub":{"x":"last"},
    "containers":[{"image":"a","ports":[{"port":1},{"port":2}]},{"name":"}]"}],"matrix":[[{"a":1}],[{"a":2}]]},"spec.x":1}`;

  test.each([
    'metadata',
    'metadata.name',
    'metadata.name.length',
    'metadata.n',
    'metadata.n.x',
    'metadata.labels',
    'metadata.labels.app',
    'metadata.labels.example.com/app',
    'metadata.labels.a.b',
    'metadata.labels.toString',
    'spec.nodeName',
    'spec.replicas',
    'spec.paused',
    'spec.sub.x',
    'spec.sub.x.y',
    'spec.containers',
    'spec.containers.image',
    'spec.containers.name',
    'spec.containers.ports.port',
    'spec.matrix.a',
    'spec.matrix',
    'spec.x',
    'status',
    'status.phase',
    '',
  ])('JsonEncoding reads %s from the bytes as valueAt from the object', (path) => {
    const one = item(text);
    expect(one.read(path.split('.'))).toEqual(valueAt(JSON.parse(text), path.split('.')));
  });

  test('JsonEncoding reads a part as what it takes from the object', () => {
    expect(item('{"a":{"b":[1,null,{"c":2}]}}').read([])).toEqual({ a: { b: [1, null, { c: 2 }] } });
    expect(item('{"a":{"b":[1,null,{"c":2}]}}').read(['a'])).toEqual({ b: [1, null, { c: 2 }] });
    expect(item('{"a":{"b":[1,null,{"c":2}]}}').read(['a', 'b'])).toEqual([1, { c: 2 }]);
  });

  test.each([
    { text: '{"a":1,"b":2,"c":3}', drop: ['a'], left: '{"b":2,"c":3}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['b'], left: '{"a":1,"c":3}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['c'], left: '{"a":1,"b":2}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['a', 'b'], left: '{"c":3}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['a', 'c'], left: '{"b":2}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['b', 'c'], left: '{"a":1}' },
    { text: '{"a":1,"b":2,"c":3}', drop: ['c', 'b', 'a'], left: '{}' },
    { text: '{"a":1}', drop: ['a'], left: '{}' },
    { text: '{}', drop: ['a'], left: '{}' },
    { text: '{"a":1,"b":2}', drop: [], left: '{"a":1,"b":2}' },
    { text: '{ "a" : 1 , "b" : [ 1 ] }', drop: ['a'], left: '{ "b" : [ 1 ] }' },
    { text: '{ "a" : 1 , "b" : [ 1 ] }', drop: ['b'], left: '{ "a" : 1 }' },
    { text: '{"a":{"b":1,"c":{"d":2}},"e":3}', drop: ['a.c.d'], left: '{"a":{"b":1,"c":{}},"e":3}' },
    { text: '{"a":{"b":1,"c":{"d":2}},"e":3}', drop: ['a.b', 'a.c'], left: '{"a":{},"e":3}' },
    { text: '{"a":{"b":1,"c":{"d":2}},"e":3}', drop: ['a.c', 'a.c.d'], left: '{"a":{"b":1},"e":3}' },
    { text: '{"a":{"b":1},"e":3}', drop: ['a', 'a.b', 'e'], left: '{}' },
    { text: '{"a":{"b":1,"b":2,"c":3}}', drop: ['a.b'], left: '{"a":{"c":3}}' },
    {
      text: '{"a":[{"b":1},{"c":2,"b":3},4,[{"b":5}],[]],"d":6}',
      drop: ['a.b'],
      left: '{"a":[{},{"c":2},4,[{}],[]],"d":6}',
    },
    { text: '{"a":{"x/y.z":1,"x/y":2}}', drop: ['a.x/y.z'], left: '{"a":{"x/y":2}}' },
    { text: '{"\\u0061":1,"b":"\\"a\\":1,"}', drop: ['a'], left: '{"b":"\\"a\\":1,"}' },
    { text: '{"a":1}', drop: ['a.b'], left: '{"a":1}' },
  ])('JsonEncoding copies $text without $drop as $left', ({ text, drop, left }) => {
    const paths = drop.map((path) => path.split('.'));
    expect(copy(text, ...paths)).toBe(left);
  });

  test('JsonEncoding copies the rest of an object as it is once all is dropped that is looked for', () => {
    const rest = '"spec":{"metadata":{"managedFields":1}, "x" : "}" },"status":{}}';
    const drop = [['metadata', 'managedFields']];
    expect(copy(`{"metadata":{"name":"a","managedFields":[{"f:a":{}}]},${rest}`, ...drop)).toBe(
      `{"metadata":{"name":"a"},${rest}`,
    );
    expect(copy(`{"metadata":{"managedFields":[{"f:a":{}}], "name":"a"},${rest}`, ...drop)).toBe(
      `{"metadata":{"name":"a"},${rest}`,
    );
    expect(copy('{"a":1,"b":2,"c":3}', ['a'])).toBe('{"b":2,"c":3}');
  });
});
