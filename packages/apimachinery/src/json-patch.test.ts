import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clone, deepFreeze, equal } from './json.ts';
import { applyJsonPatch, type JsonPatchOperation } from './json-patch.ts';
import { createJsonPatch } from './json-patch-create.ts';

type Case = readonly [title: string, document: unknown, operations: readonly JsonPatchOperation[], result: unknown];

const applies: readonly Case[] = [
  ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['add replaces a member that exists', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['inserts into an array', [1, 3], [{ op: 'add', path: '/1', value: 2 }], [1, 2, 3]],
  ['appends to an array', [1], [{ op: 'add', path: '/-', value: 2 }], [1, 2]],
  ['inserts at the end by index', [1], [{ op: 'add', path: '/1', value: 2 }], [1, 2]],
  ['adds the whole document', { a: 1 }, [{ op: 'add', path: '', value: [1] }], [1]],
  ['removes a member', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  ['removes an element', [1, 2, 3], [{ op: 'remove', path: '/1' }], [1, 3]],
  ['replaces a member', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: null }], { a: { b: null } }],
  ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: 'x' }], 'x'],
  ['moves a member', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  ['moves an element', [1, 2, 3], [{ op: 'move', from: '/0', path: '/2' }], [2, 3, 1]],
  ['moves to the same place', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
  ['copies', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  [
    'keeps a copy apart from its source',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  ['tests', { a: { b: [1] } }, [{ op: 'test', path: '/a', value: { b: [1] } }], { a: { b: [1] } }],
  [
    'unescapes pointers',
    { 'a/b': 1, 'm~n': 2 },
    [
      { op: 'remove', path: '/a~1b' },
      { op: 'remove', path: '/m~0n' },
    ],
    {},
  ],
  ['reads ~01 as ~1', { '~1': 1 }, [{ op: 'remove', path: '/~01' }], {}],
  ['treats an empty name as a name', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
];

describe('applyJsonPatch', () => {
  test.each(applies)('%s', (_title, document, operations, result) => {
    expect(applyJsonPatch(document, operations)).toEqual(result);
  });

  const refused: readonly [JsonPatchOperation, unknown, string][] = [
    [
      { op: 'add', path: '/a/b', value: 1 },
      {},
      'add operation does not apply: doc is missing path: "/a/b": missing value',
    ],
    [
      { op: 'add', path: '/2', value: 1 },
      [1],
      "error in add for path: '/2': Unable to access invalid index: 2: invalid index referenced",
    ],
    [
      { op: 'add', path: '/x', value: 1 },
      [],
      `error in add for path: '/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: 'remove', path: '/a' },
      {},
      "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
    ],
    [{ op: 'remove', path: '/a/b' }, {}, 'remove operation does not apply: doc is missing path: "/a/b": missing value'],
    [
      { op: 'replace', path: '/a', value: 1 },
      {},
      'replace operation does not apply: doc is missing key: /a: missing value',
    ],
    [
      { op: 'replace', path: '/0', value: 1 },
      [],
      'replace operation does not apply: doc is missing key: /0: missing value',
    ],
    [
      { op: 'move', from: '/a', path: '/b' },
      {},
      "error in move for path: 'a': Unable to remove nonexistent key: a: missing value",
    ],
    [
      { op: 'copy', from: '/a', path: '/b' },
      {},
      'copy operation does not apply: doc is missing from path: /a: missing value',
    ],
    [
      { op: 'copy', from: '/a', path: '/b/c' },
      { a: 1 },
      'copy operation does not apply: doc is missing destination path: /b/c: missing value',
    ],
    [{ op: 'test', path: '/a/b', value: 1 }, {}, 'test operation does not apply: is missing path: /a/b: missing value'],
  ];
  test.each(refused)("Server's words: %o on %o fails as on the server", (operation, document, message) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(
      expect.objectContaining({ code: 'APIMACHINERY_PATCH_FAILED', message, index: 0 }),
    );
  });

  test('tells a failed test from other failures, and which operation it was', () => {
    const patch: JsonPatchOperation[] = [
      { op: 'add', path: '/b', value: 1 },
      { op: 'test', path: '/a', value: 2 },
    ];
    expect(() => applyJsonPatch({ a: 1 }, patch)).toThrow(
      expect.objectContaining({
        code: 'APIMACHINERY_PATCH_TEST_FAILED',
        message: 'testing value /a failed: test failed',
        index: 1,
      }),
    );
  });

  test.each(['-1', '-2', '01', '+1', '1.0', ''])('refuses "%s" as an array index', (index) => {
    for (const dialect of ['rfc6902', 'kubernetes'] as const) {
      expect(() => applyJsonPatch({ list: [1, 2] }, [{ op: 'remove', path: `/list/${index}` }], { dialect })).toThrow(
        expect.objectContaining({ code: 'APIMACHINERY_PATCH_FAILED' }),
      );
    }
  });

  test.each([
    [{ op: 'frob', path: '/a' }, 'Unexpected kind: frob'],
    [{ op: 'add', path: '/a' }, 'add operation failed to decode value'],
    [{ op: 'remove' }, 'remove operation failed to decode path'],
    [{ op: 'remove', path: 'a' }, 'is not a JSON pointer'],
    [{ op: 'remove', path: '/~2' }, 'is not a JSON pointer'],
    [{ op: 'move', path: '/a' }, 'move operation failed to decode from'],
  ])('refuses %o, which is no operation', (operation, message) => {
    const patch = [operation] as unknown as JsonPatchOperation[];
    expect(() => applyJsonPatch({ a: 1 }, patch)).toThrow(
      expect.objectContaining({ code: 'APIMACHINERY_PATCH_INVALID', message: expect.stringContaining(message) }),
    );
  });

  test('refuses to move a value into itself', () => {
    expect(() => applyJsonPatch({ a: [[1], [2]] }, [{ op: 'move', from: '/a/0', path: '/a/0/0' }])).toThrow(
      'move operation does not apply',
    );
  });

  test('limits the number of operations', () => {
    const patch: JsonPatchOperation[] = [1, 2, 3].map((value) => ({ op: 'add', path: '/a', value }));
    expect(applyJsonPatch({}, patch, { maxOperations: 3 })).toEqual({ a: 3 });
    expect(() => applyJsonPatch({}, patch, { maxOperations: 2 })).toThrow(
      expect.objectContaining({
        code: 'APIMACHINERY_PATCH_TOO_LARGE',
        message: 'The allowed maximum operations in a JSON patch is 2, got 3',
      }),
    );
  });

  test('limits what copies add up to', () => {
    const copy: JsonPatchOperation = { op: 'copy', from: '/a', path: '/b' };
    expect(applyJsonPatch({ a: 'xyz' }, [copy], { maxCopyBytes: 5 })).toEqual({ a: 'xyz', b: 'xyz' });
    expect(() => applyJsonPatch({ a: 'xyz' }, [copy, copy], { maxCopyBytes: 9 })).toThrow(
      expect.objectContaining({
        code: 'APIMACHINERY_PATCH_TOO_LARGE',
        message: expect.stringContaining('is 10, exceeding the limit 9'),
      }),
    );
  });

  test('Untouched: changes neither document nor patch', () => {
    const document = deepFreeze({ a: { list: [{ x: 1 }, { x: 2 }] }, b: { c: 1 } });
    const patch = deepFreeze<JsonPatchOperation[]>([
      { op: 'replace', path: '/a/list/0/x', value: { deep: [] } },
      { op: 'add', path: '/a/list/0/x/deep/-', value: 1 },
      { op: 'remove', path: '/a/list/1' },
    ]);
    const result = applyJsonPatch(document, patch);
    expect(result).toEqual({ a: { list: [{ x: { deep: [1] } }] }, b: { c: 1 } });
    expect((result as typeof document).b).toBe(document.b);
  });

  test('Untouched: __proto__ is data, never a prototype', () => {
    const result = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]) as object;
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
    expect('polluted' in result).toBe(false);
    expect(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: true }])).toThrow('missing path');
    expect(() => applyJsonPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: true }])).toThrow();
    expect('polluted' in {}).toBe(false);
    const parsed: unknown = JSON.parse('{"__proto__":{"a":1}}');
    expect(JSON.stringify(applyJsonPatch(parsed, [{ op: 'replace', path: '/__proto__/a', value: 2 }]))).toBe(
      '{"__proto__":{"a":2}}',
    );
  });

  test('forgives in the Kubernetes dialect what the API server forgives', () => {
    const dialect = 'kubernetes';
    expect(applyJsonPatch({}, [{ op: 'replace', path: '/a', value: 1 }], { dialect })).toEqual({ a: 1 });
    expect(applyJsonPatch({}, [{ op: 'test', path: '/a', value: null }], { dialect })).toEqual({});
    expect(applyJsonPatch({}, [{ op: 'copy', from: '/a', path: '/b' }], { dialect })).toEqual({ b: null });
    expect(() => applyJsonPatch({}, [{ op: 'add', path: '', value: {} }], { dialect })).toThrow('missing path');
  });
});

const json = fc.jsonValue({ maxDepth: 4 });

describe('createJsonPatch', () => {
  test('Round trip: applying it gives the target', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = createJsonPatch(deepFreeze(clone(from)), deepFreeze(clone(to)));
        expect(equal(applyJsonPatch(from, patch), to)).toBe(true);
        expect(patch.length === 0).toBe(equal(from, to));
      }),
    );
  });

  test('Round trip: also for arrays that grow, shrink and change', () => {
    const list = fc.array(fc.oneof(fc.constantFrom(1, 2, 3), fc.record({ a: fc.nat(2) })), { maxLength: 8 });
    fc.assert(
      fc.property(list, list, (from, to) => {
        expect(applyJsonPatch(from, createJsonPatch(from, to))).toEqual(to);
      }),
    );
  });

  test('describes one insertion or removal in an array as one operation', () => {
    expect(createJsonPatch([1, 2, 3], [1, 9, 2, 3])).toEqual([{ op: 'add', path: '/1', value: 9 }]);
    expect(createJsonPatch([1, 2, 3], [1, 3])).toEqual([{ op: 'remove', path: '/1' }]);
  });

  test('escapes names', () => {
    expect(createJsonPatch({}, { 'a/b~c': 1 })).toEqual([{ op: 'add', path: '/a~1b~0c', value: 1 }]);
  });
});
