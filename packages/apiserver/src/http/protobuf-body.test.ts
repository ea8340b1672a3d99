import { groupVersion } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vectors } from '../data/vectors.ts';
import { DecodeError, readBuiltin } from '../schema/index.ts';
import { configMaps, TestServer } from '../server.fixture.ts';
import { loadProtobuf, openProtobuf, readProtobuf } from './protobuf-body.ts';

const all = vectors().protobuf;
const configMap = { group: '', version: 'v1', kind: 'ConfigMap' };

function bytesOf(...parts: (string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

const length = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...length(value >>> 7)]);
/** A field with a length. */
const field = (number: number, value: Uint8Array | string): Buffer => {
  const inner = Buffer.from(value as string);
  return Buffer.concat([bytesOf(length((number << 3) | 2), length(inner.length)), inner]);
};
const enveloped = (apiVersion: string, kind: string, raw: Uint8Array): Buffer =>
  Buffer.concat([bytesOf('k8s\0'), field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])), field(2, raw)]);
const named = field(1, field(1, 'web'));

async function read(bytes: Uint8Array): Promise<Record<string, unknown>> {
  await loadProtobuf(bytes, configMap);
  return readProtobuf(openProtobuf(bytes, configMap));
}

test.each(all)(
  'readProtobuf, then readBuiltin, read what Go reads: $apiVersion $kind',
  async ({ apiVersion, kind, protobuf, json }) => {
    const value = await read(Buffer.from(protobuf, 'base64'));
    const { object } = readBuiltin({ ...groupVersion(apiVersion), kind }, value);
    expect(JSON.stringify(object)).toBe(JSON.stringify({ kind, apiVersion, ...json }));
  },
);

test('readProtobuf takes DeleteOptions of any group', async () => {
  const bytes = enveloped('ex.io/v1b', 'DeleteOptions', Buffer.from([0x08, 5]));
  expect(await read(bytes)).toEqual({ kind: 'DeleteOptions', apiVersion: 'ex.io/v1b', gracePeriodSeconds: 5 });
});

test('readProtobuf ends on bytes of any kind, with an object or a DecodeError', async () => {
  const kinds = all.map(({ protobuf }) => Buffer.from(protobuf, 'base64'));
  for (const bytes of kinds) await loadProtobuf(bytes, configMap);
  const mangled = fc.record({
    whole: fc.constantFrom(...kinds),
    edits: fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 4 }),
    cut: fc.nat(),
    random: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(mangled, ({ whole, edits, cut, random }) => {
      const bytes = Buffer.concat([whole.subarray(0, 4 + (cut % (whole.length - 3))), random]);
      for (const { at, byte } of edits) bytes[4 + (at % (bytes.length - 4 || 1))] = byte;
      try {
        expect(typeof readProtobuf(openProtobuf(bytes, configMap))).toBe('object');
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
    { numRuns: 2000 },
  );
});

/** What the real server answers to these bodies, sent to /api/v1/namespaces/default/configmaps. */
const unrecognized = (why: string, shown: string): string =>
  `the object provided is unrecognized (must be of type ConfigMap): ${why} (${shown})`;
const unhandled = (why: string, kind = 'ConfigMap'): string =>
  `${kind} in version "v1" cannot be handled as a ConfigMap: ${why}`;
const protobufHeaders = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const noise = Array<number>(9).fill(0xff);
test.each([
  ['nothing', bytesOf(''), unrecognized('empty data', '<empty>')],
  [
    'JSON',
    bytesOf('{"kind":"ConfigMap"}'),
    unrecognized(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
      '{"kind":"ConfigMap"}',
    ),
  ],
  ['the magic alone', bytesOf('k8s\0'), unrecognized('empty body', '6b387300')],
  ['an envelope without its end', bytesOf('k8s\0', [0x12, 9]), unrecognized('unexpected EOF', '6b3873001209')],
  [
    'an envelope of numbers',
    bytesOf('k8s\0', [0x10, 1]),
    unrecognized('proto: wrong wireType = 0 for field Raw', '6b3873001001'),
  ],
  [
    'a kind that does not exist',
    enveloped('v1', 'Foo', named),
    unhandled('no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"', 'Foo'),
  ],
  [
    'another kind',
    enveloped('v1', 'Secret', named),
    unhandled('converting (v1.Secret) to (core.ConfigMap): unknown conversion', 'Secret'),
  ],
  ['a field without its end', enveloped('v1', 'ConfigMap', Buffer.from([0x0a, 9, 1])), unhandled('unexpected EOF')],
  [
    'a wrong wire type',
    enveloped('v1', 'ConfigMap', Buffer.from([0x08, 1])),
    unhandled('proto: wrong wireType = 0 for field ObjectMeta'),
  ],
  [
    'an endless number',
    enveloped('v1', 'ConfigMap', Buffer.from([...noise, ...noise])),
    unhandled('proto: integer overflow'),
  ],
  [
    'a negative length',
    enveloped('v1', 'ConfigMap', Buffer.from([0x0a, ...noise, 1])),
    unhandled('proto: negative length found during unmarshaling'),
  ],
  [
    'field number 0',
    enveloped('v1', 'ConfigMap', Buffer.from([0x02])),
    unhandled('proto: ConfigMap: illegal tag 0 (wire type 2)'),
  ],
  [
    'the end of a group',
    enveloped('v1', 'ConfigMap', Buffer.from([0x0c])),
    unhandled('proto: ConfigMap: wiretype end group for non-group'),
  ],
])('ApiServer refuses protobuf in the words of the real server: %s', async (_title, bytes, message) => {
  const server = await TestServer.start();
  const answer = await server.request('POST', configMaps, bytes, protobufHeaders);
  expect([answer.status, answer.message]).toEqual([400, message]);
});

test('ApiServer passes over fields of protobuf that it does not know, and replaces text that is no UTF-8', async () => {
  const server = await TestServer.start();
  const data = field(2, Buffer.concat([field(1, 'k'), field(2, Buffer.from([0x61, 0xff, 0x62]))]));
  const group = Buffer.from([0x9b, 6, 0x08, 1, 0x9c, 6]);
  // Neither a kind nor a version: what the path serves.
  const bytes = enveloped('', '', Buffer.concat([named, data, field(99, 'x'), group]));
  const answer = await server.request('POST', `${configMaps}?fieldValidation=Strict`, bytes, protobufHeaders);
  expect(answer.status).toBe(201);
  expect(answer.headers.warning).toBeUndefined();
  expect(answer.json).toMatchObject({ metadata: { name: 'web' }, data: { k: 'a\ufffdb' } });
});
