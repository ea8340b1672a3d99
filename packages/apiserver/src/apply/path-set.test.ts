import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fieldElement,
  formatPath,
  indexElement,
  keyElement,
  type Path,
  parseElement,
  pathOf,
  valueElement,
} from './path-element.ts';
import { PathSet } from './path-set.ts';

const element = fc.oneof(
  fc.constantFrom('a', 'b', 'é', '.').map(fieldElement),
  fc.constantFrom('x', '<&>', 1, 2.5, true, null).map(valueElement),
  fc
    .record({ name: fc.constantFrom('n', 'm'), port: fc.constantFrom(80, 81) })
    .map((keys) => keyElement(Object.entries(keys))),
  fc.integer({ min: 0, max: 12 }).map(indexElement),
);
const paths: fc.Arbitrary<Path[]> = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 });

/** The model: paths as texts. */
function texts(set: PathSet): string[] {
  return [...set.paths()].map((path) => path.map(({ text }) => text).join('/')).sort();
}

function model(list: readonly Path[]): Set<string> {
  return new Set(list.map((path) => path.map(({ text }) => text).join('/')));
}

describe('PathSet', () => {
  test('PathSet holds what was added, and nothing else', () => {
    fc.assert(
      fc.property(paths, paths, (inside, others) => {
        const set = PathSet.of(...inside);
        expect(texts(set)).toEqual([...model(inside)].sort());
        for (const path of others)
          expect(set.has(path)).toBe(model(inside).has(path.map(({ text }) => text).join('/')));
        expect(set.isEmpty).toBe(inside.length === 0);
      }),
    );
  });

  test('PathSet is a set: union, intersection and difference are those of its paths', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [left, right] = [PathSet.of(...a), PathSet.of(...b)];
        expect(texts(left.union(right))).toEqual([...model(a).union(model(b))].sort());
        expect(texts(left.intersection(right))).toEqual([...model(a).intersection(model(b))].sort());
        expect(texts(left.difference(right))).toEqual([...model(a).difference(model(b))].sort());
        expect(left.difference(right).union(left.intersection(right)).equals(left)).toBe(true);
        expect(left.difference(left).isEmpty).toBe(true);
      }),
    );
  });

  test('PathSet takes away what is below a path in a recursive difference', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const gone = [...model(b)];
        const kept = [...model(a)].filter((path) => !gone.some((one) => path === one || path.startsWith(`${one}/`)));
        expect(texts(PathSet.of(...a).recursiveDifference(PathSet.of(...b)))).toEqual(kept.sort());
      }),
    );
  });

  test('PathSet is not changed by operations on it', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [left, right] = [PathSet.of(...a), PathSet.of(...b)];
        const before = JSON.stringify([left.toFieldsV1(), right.toFieldsV1()]);
        left.union(right);
        left.intersection(right);
        left.difference(right);
        left.recursiveDifference(right);
        left.within([['a', '*']]);
        expect(JSON.stringify([left.toFieldsV1(), right.toFieldsV1()])).toBe(before);
      }),
    );
  });

  test('PathSet survives being written as fieldsV1 and read again', () => {
    fc.assert(
      fc.property(paths, (list) => {
        const set = PathSet.of(...list);
        const written = JSON.stringify(set.toFieldsV1());
        expect(PathSet.fromFieldsV1(JSON.parse(written)).equals(set)).toBe(true);
        expect(JSON.stringify(PathSet.fromFieldsV1(JSON.parse(written)).toFieldsV1())).toBe(written);
      }),
    );
  });

  test('PathSet writes fields, keys, values and positions in the order of the server', () => {
    const set = PathSet.of(
      [indexElement(10)],
      [indexElement(9)],
      [valueElement('b')],
      [valueElement(2)],
      [valueElement(10)],
      [keyElement([['name', 'b']])],
      [
        keyElement([
          ['port', 80],
          ['name', 'a'],
        ]),
      ],
      pathOf('z'),
      pathOf('a'),
      pathOf('a', 'b'),
    );
    expect(Object.keys(set.toFieldsV1())).toEqual([
      'f:a',
      'f:z',
      'k:{"name":"a","port":80}',
      'k:{"name":"b"}',
      'v:2',
      'v:10',
      'v:"b"',
      'i:9',
      'i:10',
    ]);
    expect(set.toFieldsV1()['f:a']).toEqual({ '.': {}, 'f:b': {} });
  });

  test('PathSet drops steps that it does not know, and refuses what is none', () => {
    expect(PathSet.fromFieldsV1({ 'f:a': {}, 'q:x': {} }).toFieldsV1()).toEqual({ 'f:a': {} });
    expect(PathSet.fromFieldsV1({ 'f:a': null }).toFieldsV1()).toEqual({ 'f:a': {} });
    for (const bad of [{ fa: {} }, { f: {} }, { 'v:{': {} }, { 'k:1': {} }, { 'i:x': {} }, 5, { 'f:a': 5 }]) {
      expect(() => PathSet.fromFieldsV1(bad)).toThrow(SyntaxError);
    }
  });

  test('PathSet keeps only what is within a pattern', () => {
    const containers = [fieldElement('spec'), fieldElement('containers')];
    const app = [...containers, keyElement([['name', 'app']])];
    const set = PathSet.of(
      [...app, ...pathOf('resources', 'limits')],
      [...app, ...pathOf('image')],
      pathOf('metadata', 'labels'),
    );
    expect(
      set
        .within([['spec', 'containers', '*', 'resources']])
        .equals(PathSet.of([...app, ...pathOf('resources', 'limits')])),
    ).toBe(true);
  });
});

describe('parseElement', () => {
  test('parseElement reads what was written, with keys in order', () => {
    expect(parseElement('k:{"b":1,"a":"x"}')?.text).toBe('k:{"a":"x","b":1}');
    expect(parseElement('v:"<"')?.text).toBe('v:"\\u003c"');
    expect(parseElement('f:a.b/c')).toMatchObject({ name: 'a.b/c' });
    expect(parseElement('x:1')).toBeUndefined();
  });
});

test('formatPath writes paths as conflicts name them', () => {
  const path = [
    fieldElement('spec'),
    keyElement([
      ['port', 80],
      ['name', 'a"b'],
    ]),
    valueElement('x'),
    valueElement(1),
    indexElement(3),
  ];
  expect(formatPath(path)).toBe('.spec[name="a\\"b",port=80][="x"][=1][3]');
});
