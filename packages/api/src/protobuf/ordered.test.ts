import { expect, test } from 'vitest';
import { encodeMessage, isOrdered, loadMessageType, type MessageType, quickCheck } from './index.ts';

const pods = (await loadMessageType({ group: '', version: 'v1', kind: 'Pod' })) as MessageType;
const volumes = (await loadMessageType({ group: '', version: 'v1', kind: 'PersistentVolume' })) as MessageType;

function field(number: number, ...values: readonly (Uint8Array | string)[]): Buffer {
  const value = Buffer.concat(values.map((each) => Buffer.from(each)));
  return Buffer.concat([Buffer.of(number * 8 + 2, value.length), value]);
}

const name = field(1, 'web');
const namespace = field(3, 'default');
const label = (key: string): Buffer => field(11, field(1, key), field(2, 'x'));
const hostPath = field(3, field(1, '/data'));

test.each<[string, MessageType, Buffer, boolean]>([
  ['nothing', pods, Buffer.alloc(0), true],
  ['what is encoded', pods, encodeMessage(pods, { metadata: { name: 'web', labels: { b: 'x', a: 'x' } } }), true],
  ['pairs of a map', pods, field(1, name, label('b'), label('a')), true],
  ['metadata in parts', pods, Buffer.concat([field(1, name), field(1, namespace)]), false],
  ['metadata behind spec', pods, Buffer.concat([field(2), field(1, name)]), false],
  ['a name behind the namespace', pods, field(1, namespace, name), false],
  ['two names', pods, field(1, name, name), false],
  ['pairs of a map with a name between', pods, field(1, label('a'), name, label('b')), false],
  ['two of what is embedded', volumes, field(2, field(2, hostPath), field(2, hostPath)), false],
  ['two of a field of what is embedded', volumes, field(2, field(2, hostPath, hostPath)), false],
  ['two of a field deeper down', volumes, field(2, field(2, field(3, field(1, '/a'), field(1, '/b')))), true],
])('isOrdered: %s', (_, type, bytes, expected) => {
  const within = Buffer.concat([Buffer.from('**'), bytes, Buffer.from('**')]);
  expect(isOrdered(type, within, 2, 2 + bytes.length)).toBe(expected);
  if (!expected) expect(quickCheck(type, bytes)).toBeUndefined();
});
