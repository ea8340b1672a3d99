import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vectors } from '../data/vectors.ts';
import { DecodeError } from '../schema/read-json.ts';
import { decodeProtobuf, isProtobuf } from './decode.ts';

const all = vectors().wire;

function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

test.each(all)('decodeProtobuf reads what Go reads: $kind', ({ apiVersion, kind, protobuf, json }) => {
  const object = decodeProtobuf(Buffer.from(protobuf, 'base64'));
  expect(object).toEqual({ ...json, apiVersion, kind });
  expect(JSON.stringify(object)).toBe(JSON.stringify(json));
});

test('decodeProtobuf fills in the kind where the envelope has none', () => {
  const body = bytesOf('k8s\0', [0x12, 7, 0x0a, 5, 0x0a, 3], 'web');
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  expect(decodeProtobuf(body, { defaultKind: kind })).toEqual({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'web' },
  });
  expect(() => decodeProtobuf(body)).toThrow(new DecodeError(`Object 'Kind' is missing in ''`));
});

test('decodeProtobuf takes DeleteOptions of any group', () => {
  const typeMeta = bytesOf([0x0a, 9], 'ex.io/v1b', [0x12, 13], 'DeleteOptions');
  const body = bytesOf('k8s\0', [0x0a, typeMeta.length], [...typeMeta], [0x12, 2, 0x08, 5]);
  expect(decodeProtobuf(body)).toEqual({ kind: 'DeleteOptions', apiVersion: 'ex.io/v1b', gracePeriodSeconds: 5 });
});

test.each([
  ['nothing', '', 'empty data'],
  ['JSON', '{}', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
  ['the magic alone', 'k8s\0', 'empty body'],
  ['a truncated tag', [...Buffer.from('k8s\0'), 0x80], 'unexpected EOF'],
  ['a length beyond the end', [...Buffer.from('k8s\0'), 0x12, 9], 'unexpected EOF'],
  ['an endless number', [...Buffer.from('k8s\0'), ...Array(12).fill(0xff)], 'proto: integer overflow'],
  ['field number 0', [...Buffer.from('k8s\0'), 0x02], 'proto: Unknown: illegal tag 0 (wire type 2)'],
  ['an end of group', [...Buffer.from('k8s\0'), 0x0c], 'proto: Unknown: wiretype end group for non-group'],
  ['a wrong wire type', [...Buffer.from('k8s\0'), 0x10, 1], 'proto: wrong wireType = 0 for field Raw'],
  ['wire type 7', [...Buffer.from('k8s\0'), 0x1f], 'proto: illegal wireType 7'],
  [
    'a negative length',
    [...Buffer.from('k8s\0'), 0x12, ...Array(9).fill(0xff), 1],
    'proto: negative length found during unmarshaling',
  ],
])('decodeProtobuf refuses %s in the words of the server', (_what, body, message) => {
  expect(() => decodeProtobuf(bytesOf(body))).toThrow(new DecodeError(message));
});

test('decodeProtobuf names a kind that it does not know', () => {
  const body = bytesOf('k8s\0', [0x0a, 9, 0x0a, 2], 'v1', [0x12, 3], 'Foo');
  expect(() => decodeProtobuf(body)).toThrow(
    new DecodeError('no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
  );
});

test('decodeProtobuf ends on bytes of any kind, with an object or a DecodeError', () => {
  const kinds = all.map(({ protobuf }) => Buffer.from(protobuf, 'base64'));
  const mangled = fc.record({
    body: fc.constantFrom(...kinds),
    edits: fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 4 }),
    cut: fc.nat(),
    random: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(mangled, ({ body, edits, cut, random }) => {
      const bytes = Buffer.concat([body.subarray(0, 4 + (cut % (body.length - 3))), random]);
      for (const { at, byte } of edits) bytes[4 + (at % (bytes.length - 4 || 1))] = byte;
      try {
        expect(typeof decodeProtobuf(bytes)).toBe('object');
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
    { numRuns: 2000 },
  );
});

test('decodeProtobuf bounds the depth of nesting', () => {
  // JSONSchemaProps.not is field 28 of itself.
  let schema: Buffer = Buffer.alloc(0);
  const length = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...length(value >>> 7)];
  const wrap = (tag: number[], inner: Buffer): Buffer => Buffer.from([...tag, ...length(inner.length), ...inner]);
  for (let depth = 0; depth < 2000; depth++) schema = wrap([0xe2, 0x01], schema);
  const crd = wrap([0x12], wrap([0x3a], wrap([0x22], wrap([0x0a], schema))));
  const typeMeta = Buffer.concat([
    wrap([0x0a], Buffer.from('apiextensions.k8s.io/v1')),
    wrap([0x12], Buffer.from('CustomResourceDefinition')),
  ]);
  const body = Buffer.concat([Buffer.from('k8s\0'), wrap([0x0a], typeMeta), wrap([0x12], crd)]);
  expect(() => decodeProtobuf(body)).toThrow(new DecodeError('exceeded max depth'));
});

test('isProtobuf tells protobuf from JSON', () => {
  expect(isProtobuf(bytesOf('k8s\0x'))).toBe(true);
  expect(isProtobuf(bytesOf('{"kind":"Pod"}'))).toBe(false);
  expect(isProtobuf(bytesOf('k8s'))).toBe(false);
});
