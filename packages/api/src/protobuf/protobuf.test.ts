import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtinKinds } from '../index.ts';
import { checkMessage, decodeMessage, encodeMessage, loadMessageType, ProtobufError, readEnvelope } from './index.ts';
import { messages, samples, typeOf } from './objects.fixture.ts';

test.each(samples)(
  'Both ways: $apiVersion $kind is decoded as by Go, and encoded to the bytes of Go',
  async (sample) => {
    const bytes = Buffer.from(sample.protobuf, 'base64');
    const envelope = readEnvelope(bytes);
    expect(envelope).toMatchObject({ apiVersion: sample.apiVersion, kind: sample.kind });
    const type = await typeOf(sample.apiVersion, sample.kind);
    expect(checkMessage(type, bytes, envelope.from, envelope.to)).toBe(false);
    const object = decodeMessage(type, bytes, envelope.from, envelope.to);
    expect(JSON.stringify(object)).toBe(JSON.stringify(sample.json));
    const again = Buffer.from(sample.again ?? sample.protobuf, 'base64');
    const { from, to } = readEnvelope(again);
    expect(encodeMessage(type, object).equals(again.subarray(from, to))).toBe(true);
  },
);

test('Both ways: every built-in kind has a protobuf form', async () => {
  const types = await Promise.all(builtinKinds.map((kind) => loadMessageType(kind)));
  expect(builtinKinds.filter((_, index) => types[index] === undefined).map(({ kind }) => kind)).toEqual([]);
  expect(await loadMessageType({ group: 'example.com', version: 'v1', kind: 'Widget' })).toBeUndefined();
  expect((await loadMessageType({ group: 'apps', version: 'v1', kind: 'Status' }))?.name).toBe('Status');
});

test('Never misread: bytes that pass the check can be decoded, all others give a ProtobufError', async () => {
  const mangled = fc.record({
    sample: fc.constantFrom(...messages),
    edits: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 3 }),
    cut: fc.nat(100),
  });
  let refused = 0;
  fc.assert(
    fc.property(mangled, ({ sample: { type, bytes }, edits, cut }) => {
      const copy = Buffer.from(bytes.subarray(0, Math.max(0, bytes.length - (cut < 20 ? cut : 0))));
      for (const { at, byte } of edits) if (copy.length > 0) copy[at % copy.length] = byte;
      try {
        checkMessage(type, copy);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
        refused++;
        return;
      }
      expect(typeof decodeMessage(type, copy)).toBe('object');
    }),
    { numRuns: 3_000 },
  );
  expect(refused).toBeGreaterThan(100);
});

test('checkMessage tells of fields that the type does not know, and decodeMessage passes over them', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const bytes = Buffer.concat([encodeMessage(type, { data: { a: 'b' } }), Buffer.from([0xfa, 0x3e, 1, 0x78])]);
  expect(checkMessage(type, bytes)).toBe(true);
  expect(decodeMessage(type, bytes)).toEqual({ metadata: {}, data: { a: 'b' } });
});

test('decodeMessage merges a message that comes in parts, and sorts a map that does not come sorted', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const parts = [
    encodeMessage(type, { metadata: { name: 'a' }, data: { z: '1' } }),
    encodeMessage(type, { metadata: { namespace: 'b' }, data: { a: '2', z: '3' } }),
  ];
  const object = decodeMessage(type, Buffer.concat(parts));
  expect(object).toEqual({ metadata: { namespace: 'b' }, data: { a: '2', z: '3' } });
  expect(Object.keys(object.data as object)).toEqual(['a', 'z']);
});

test('decodeMessage takes no time without bounds for parts within parts', async () => {
  const type = await typeOf('apiextensions.k8s.io/v1', 'JSONSchemaProps');
  const tag = [0xe2, 0x01]; // of `not`
  let bytes = encodeMessage(type, { title: 'innermost' });
  for (let depth = 0; depth < 190; depth++) {
    const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7];
    bytes = Buffer.from([...tag, ...length, ...bytes, ...tag, 0]);
  }
  expect(checkMessage(type, bytes)).toBe(false);
  let schema: unknown = decodeMessage(type, bytes);
  for (let depth = 0; depth < 190; depth++) schema = (schema as { readonly not: unknown }).not;
  expect(schema).toEqual({ title: 'innermost' });
});

test('checkMessage refuses raw JSON that is nested too deeply to be frozen', async () => {
  const type = await typeOf('apps/v1', 'ControllerRevision');
  const of = (levels: number, pad: number): Buffer => {
    const data = `{"a":"${'[\\"{'.repeat(pad)}","b":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    return encodeMessage(type, { data: JSON.parse(data) as unknown });
  };
  for (const pad of [900, 9_000]) {
    expect(checkMessage(type, of(2_000, pad))).toBe(false);
    expect(() => checkMessage(type, of(2_001, pad))).toThrow('Raw holds JSON of more than 2000 levels');
  }
});

test('Maps are sorted as their bytes are, not as UTF-16 is', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const bytes = encodeMessage(type, { data: { '😀': '1', '\uff01': '2', z: '3' } });
  expect(bytes.indexOf('😀')).toBeGreaterThan(bytes.indexOf('\uff01'));
  expect(Object.keys(decodeMessage(type, bytes).data as object)).toEqual(['z', '\uff01', '😀']);
});

test('decodeMessage keeps the keys of maps whose values hold maps: properties of a CustomResourceDefinition', async () => {
  const type = await typeOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  const replicas = { type: 'object', properties: { replicas: { type: 'integer' } } };
  const openAPIV3Schema = { type: 'object', properties: { spec: replicas, status: replicas } };
  const object = { spec: { versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] } };
  expect(decodeMessage(type, encodeMessage(type, object))).toMatchObject(object);
});

test('decodeMessage keeps zero, empty and false where Go takes them for structures', async () => {
  const service = await typeOf('v1', 'Service');
  const ports = { spec: { ports: [{ port: 1, targetPort: 0 }] } };
  expect(decodeMessage(service, encodeMessage(service, ports))).toMatchObject(ports);
  const revision = await typeOf('apps/v1', 'ControllerRevision');
  for (const data of [0, '', false]) {
    expect(decodeMessage(revision, encodeMessage(revision, { data }))).toMatchObject({ data });
  }
});

test('decodeMessage makes of pairs without a value what Go makes of them', async () => {
  const secret = await typeOf('v1', 'Secret');
  expect(decodeMessage(secret, encodeMessage(secret, { data: { a: '', b: null } })).data).toEqual({ a: '', b: '' });
  expect(encodeMessage(secret, { data: { b: null } }).subarray(-5)).toEqual(Buffer.from([0x0a, 1, 0x62, 0x1a, 0]));
  const review = await typeOf('authentication.k8s.io/v1', 'TokenReview');
  const user = { status: { user: { extra: { a: [] } } } };
  expect(decodeMessage(review, encodeMessage(review, user))).toMatchObject(user);
});

test('encodeMessage keeps whole seconds of a Time, six digits of a MicroTime, and nothing of a time that was never set', async () => {
  const type = await typeOf('coordination.k8s.io/v1', 'Lease');
  const spoken = '2020-01-01T00:00:00.123456789Z';
  const of = (creationTimestamp: string, renewTime: string): Buffer =>
    encodeMessage(type, { metadata: { creationTimestamp }, spec: { renewTime } });
  expect(of(spoken, spoken)).toEqual(of('2020-01-01T00:00:00Z', '2020-01-01T00:00:00.123456Z'));
  const never = '0001-01-01T00:00:00Z';
  expect(decodeMessage(type, of(never, never))).toEqual({ metadata: {}, spec: { renewTime: null } });
  expect(of(never, never).includes(0x88)).toBe(false);
});

test('encodeMessage names the field whose value is of another type', async () => {
  const type = await typeOf('v1', 'Pod');
  expect(() => encodeMessage(type, { spec: { containers: [{ name: 5 }] } })).toThrow(
    new TypeError('Cannot encode an object: Pod.spec.containers[0].name must be a string, got number'),
  );
});

test('checkMessage passes over groups of fields that nobody knows', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const group = Buffer.from([0x9b, 6, 0x08, 1, 0x13, 0x0d, 1, 2, 3, 4, 0x14, 0x9c, 6]);
  const bytes = Buffer.concat([group, encodeMessage(type, { data: { a: 'b' } })]);
  expect(checkMessage(type, bytes)).toBe(true);
  expect(decodeMessage(type, bytes)).toEqual({ metadata: {}, data: { a: 'b' } });
});

test('checkMessage takes text that is not UTF-8 where Go does, and decodeMessage replaces what is wrong', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const bytes = encodeMessage(type, { data: { a: '?' } });
  bytes[bytes.indexOf('?')] = 0xff;
  expect(() => checkMessage(type, bytes)).toThrow('ConfigMap.data is not UTF-8');
  expect(checkMessage(type, bytes, 0, bytes.length, { text: 'any' })).toBe(false);
  expect(decodeMessage(type, bytes)).toEqual({ metadata: {}, data: { a: '\ufffd' } });
});

const noise = Array<number>(9).fill(0xff);
test.each([
  ['a tag without an end', [0x80], 'unexpected EOF'],
  ['a length beyond the end', [0x12, 9], 'unexpected EOF'],
  ['a length beyond 32 bits', [0x12, 0x81, 0x80, 0x80, 0x80, 0x10, 0], 'unexpected EOF'],
  ['a negative length', [0x12, ...noise, 1], 'proto: negative length found during unmarshaling'],
  ['an endless number', [...noise, ...noise], 'proto: integer overflow'],
  ['field number 0', [0x02], 'proto: ConfigMap: illegal tag 0 (wire type 2)'],
  ['the end of a group', [0x9c, 6], 'proto: ConfigMap: wiretype end group for non-group'],
  ['a wrong wire type', [0x08, 1], 'proto: wrong wireType = 0 for field ObjectMeta'],
  ['a wire type that does not exist', [0x9f, 6], 'proto: illegal wireType 7'],
  ['a wrong wire type within a time', [0x0a, 4, 0x42, 2, 0x0a, 0], 'proto: wrong wireType = 2 for field Seconds'],
])('ProtobufError says in the words of Go what is wrong: %s', async (_title, bytes, goMessage) => {
  const type = await typeOf('v1', 'ConfigMap');
  expect(() => checkMessage(type, Buffer.from(bytes))).toThrow(expect.objectContaining({ goMessage }));
});

test('readEnvelope refuses what is no protobuf of Kubernetes', () => {
  for (const text of ['', '{}', 'k8s', 'k8s\0\xff']) {
    expect(() => readEnvelope(Buffer.from(text, 'latin1'))).toThrow(ProtobufError);
  }
});

test('readEnvelope reads what Go writes, and what else the same message may look like', () => {
  const type = [0x0a, 9, 0x0a, 2, 0x76, 0x31, 0x12, 3, 0x50, 0x6f, 0x64];
  const raw = [0x12, 3, 0x0a, 1, 0x61];
  const tail = [0x1a, 0, 0x22, 0];
  const read = (...parts: number[][]): unknown => {
    const bytes = Buffer.from([...Buffer.from('k8s\0'), ...parts.flat()]);
    const { apiVersion, kind, from, to } = readEnvelope(Buffer.concat([Buffer.from('?'), bytes]), 1, 1 + bytes.length);
    return [apiVersion, kind, bytes.subarray(from - 1, to - 1).toString('hex')];
  };
  const pod = ['v1', 'Pod', '0a0161'];
  expect(read(type, raw)).toEqual(pod);
  expect(read(type, raw, tail)).toEqual(pod);
  expect(read(raw, tail, type)).toEqual(pod);
  expect(read(type, [0x12, 0x83, 0, 0x0a, 1, 0x61], tail)).toEqual(pod);
  expect(read(type, [0x12, 0], raw)).toEqual(pod);
  expect(read(type)).toEqual(['v1', 'Pod', '']);
  expect(() => read(type, [0x12, 4, 0x0a, 1, 0x61])).toThrow(ProtobufError);
  expect(() => read([0x0a, 9, 0x0a, 2, 0x76, 0xff, 0x12, 3, 0x50, 0x6f, 0x64], raw)).toThrow(ProtobufError);
});
