import type { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import { valueAt } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { coreType } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';

const web = {
  metadata: { name: 'web', labels: { app: 'web' }, managedFields: [{ manager: 'me', fieldsV1: { 'f:a': {} } }] },
  spec: { containers: [{ name: 'main', image: 'nginx' }], nodeName: 'n1' },
};

/** The bytes stand among others. */
async function encoded<T>(
  kind: string,
  object: object,
): Promise<{ encoding: ProtobufEncoding<T>; bytes: Buffer; start: number; end: number }> {
  const type = await coreType(kind);
  const message = encodeMessage(type, object);
  const bytes = Buffer.concat([Buffer.from('before'), message, Buffer.from('behind')]);
  return { encoding: new ProtobufEncoding<T>('v1', kind, type), bytes, start: 6, end: 6 + message.length };
}

test('ProtobufEncoding.object has the fields of the decoded object in their order, frozen, each decoded once', async () => {
  const { encoding, bytes, start, end } = await encoded<Pod>('Pod', web);
  const pod = encoding.object(bytes, start, end);
  const decoded = encoding.decode(bytes, start, end);
  expect(Object.keys(pod)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  expect(JSON.stringify(pod)).toBe(JSON.stringify(decoded));
  expect(pod.spec).toBe(pod.spec);
  expect(Object.isFrozen(pod) && Object.isFrozen(pod.spec?.containers[0])).toBe(true);
  expect(Object.isFrozen(pod.metadata.managedFields?.[0]?.fieldsV1)).toBe(true);
});

test('ProtobufEncoding.object leaves out what Go leaves out', async () => {
  for (const object of [
    { metadata: {}, immutable: false },
    { immutable: true, data: { a: 'b' } },
    { binaryData: {} },
  ]) {
    const { encoding, bytes, start, end } = await encoded<object>('ConfigMap', object);
    expect(JSON.stringify(encoding.object(bytes, start, end))).toBe(JSON.stringify(encoding.decode(bytes, start, end)));
  }
});

test('ProtobufEncoding.decode gives plain mutable data that nobody else has', async () => {
  const { encoding, bytes, start, end } = await encoded<Pod>('Pod', web);
  const pod = encoding.decode(bytes, start, end);
  Object.assign(pod.metadata, { labels: { app: 'api' } });
  expect(encoding.decode(bytes, start, end).metadata.labels).toEqual({ app: 'web' });
});

test.each([
  ['apiVersion'],
  ['kind'],
  ['kind', 'deeper'],
  ['metadata', 'labels', 'app'],
  ['metadata', 'creationTimestamp'],
  ['spec', 'containers', 'image'],
  ['status'],
  ['nothing'],
  [],
])('ProtobufEncoding.read gives what valueAt gives: %s %s %s', async (...path) => {
  const { encoding, bytes, start, end } = await encoded<Pod>('Pod', web);
  expect(encoding.read(bytes, start, end, path)).toEqual(valueAt(encoding.decode(bytes, start, end), path));
});

test('ProtobufEncoding.copy leaves out what is dropped', async () => {
  const { encoding, bytes, start, end } = await encoded<Pod>('Pod', web);
  const target = Buffer.alloc(bytes.length);
  const written = encoding.copy({ bytes, start, end }, target, 3, [['metadata', 'managedFields']]);
  const { managedFields: _, ...metadata } = web.metadata;
  expect(encoding.decode(target, 3, 3 + written)).toEqual({
    ...encoding.decode(bytes, start, end),
    metadata,
  });
});
