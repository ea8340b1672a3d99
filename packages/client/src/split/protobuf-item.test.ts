import type { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import { expect, test } from 'vitest';
import { coreType } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';
import { readProtobufItem } from './protobuf-item.ts';
import { SplitItem } from './split-item.ts';

const type = await coreType('Pod');
const encoding = new ProtobufEncoding<Pod>('v1', 'Pod', type);
const limits = { maxItemBytes: 1_000_000, maxDepth: 100 };
const message = (object: object): Buffer => encodeMessage(type, object);
const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '7', labels: { app: 'web' } };
const whole = message({
  metadata,
  spec: { containers: [], nodeName: 'n1' },
  status: { phase: 'Running' },
});
const more = message({ metadata: { ...metadata, labels: { tier: 'db' } }, spec: { nodeName: 'n1', hostname: 'h' } });

test.each<[string, Buffer]>([
  ['as everybody writes it', whole],
  ['metadata and spec in parts', Buffer.concat([whole, more])],
  ['said twice', Buffer.concat([whole, whole])],
])('readProtobufItem: an object gives what stands in its bytes: %s', (_, bytes) => {
  const item = readProtobufItem(bytes, 0, bytes.length, false, encoding, limits);
  if (!(item instanceof SplitItem)) throw new Error(JSON.stringify(item));
  const decoded = encoding.decode(bytes, 0, bytes.length);
  expect(item).toMatchObject({ key: 'default/web', uid: 'u', resourceVersion: '7' });
  expect(item.object).toEqual(decoded);
  expect(item.object.metadata.labels).toEqual(decoded.metadata.labels);
  expect(Object.isFrozen(item.object.spec)).toBe(true);
  expect(item.read(['spec', 'nodeName'])).toBe('n1');
});
