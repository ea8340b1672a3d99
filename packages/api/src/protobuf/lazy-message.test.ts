import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { clone, deepFreeze } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMessage, decodeMessage, encodeMessage, isOrdered, lazyMessage, type MessageType } from './index.ts';
import { type Message, messages, typeOf } from './objects.fixture.ts';

type Data = Record<string, unknown>;

const meta = { apiVersion: 'v1', kind: 'Any' };

function lazy<T = Data>(type: MessageType, bytes: Buffer, from = 0, to: number = bytes.length): T {
  return lazyMessage<T>(type, bytes, from, to, meta);
}

const pods = await typeOf('v1', 'Pod');
const pod = {
  metadata: { name: 'web', labels: { app: 'web', tier: 'db' }, finalizers: ['f'] },
  spec: {
    containers: [{ name: 'main', image: 'nginx', env: [{ name: 'A', value: 'b' }], resources: {} }],
    nodeName: 'n1',
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsUser: 1000, supplementalGroups: [1, 2] },
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null }] },
};
type Pod = typeof pod;

/** In a buffer of its own. */
function podBytes(): Buffer {
  const bytes = encodeMessage(pods, pod);
  return Buffer.from(new Uint8Array(bytes).buffer);
}

/** Reads everything, in an order that `choices` give: each step reads one field of what was read before. */
function readInOrder(object: unknown, choices: readonly number[]): void {
  const seen: unknown[] = [object];
  for (const choice of choices) {
    const target = seen[choice % seen.length];
    if (typeof target !== 'object' || target === null) continue;
    const names = Object.keys(target);
    if (names.length > 0) seen.push((target as Data)[names[(choice >> 5) % names.length] as string]);
  }
}

/** A message that Go wrote, with some bytes changed. */
const recipe = fc.record({
  sample: fc.nat(messages.length - 1),
  edits: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(40) }), { maxLength: 2 }),
});

type Maker = typeof lazy;

function equalsDecoded(make: Maker, numRuns: number): void {
  fc.assert(
    fc.property(recipe, fc.array(fc.nat(), { maxLength: 30 }), ({ sample, edits }, choices) => {
      const { type, bytes: written } = messages[sample] as Message;
      const message = Buffer.from(written);
      for (const { at, byte } of edits) if (message.length > 0) message[at % message.length] = byte;
      const bytes = Buffer.concat([Buffer.from('***'), message, Buffer.from('***')]);
      const to = 3 + message.length;
      try {
        checkMessage(type, bytes, 3, to);
      } catch {
        fc.pre(false);
      }
      fc.pre(isOrdered(type, bytes, 3, to));
      const object = make(type, bytes, 3, to);
      const decoded = { ...meta, ...decodeMessage(type, bytes, 3, to) };
      expect(Object.keys(object)).toEqual(Object.keys(decoded));
      readInOrder(object, choices);
      expect(JSON.stringify(object)).toBe(JSON.stringify(decoded));
      expect(isDeeplyFrozen(object)).toBe(true);
    }),
    { numRuns },
  );
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

function isAccessor(object: object, name: string): boolean {
  return Object.getOwnPropertyDescriptor(object, name)?.get !== undefined;
}

test('lazyMessage puts off lists, maps and messages, at the top and in metadata, spec and status; all else is there', () => {
  const object = lazy<Pod>(pods, podBytes());
  expect(['apiVersion', 'metadata', 'spec', 'status'].map((name) => isAccessor(object, name))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(Object.keys(object.metadata).filter((name) => isAccessor(object.metadata, name))).toEqual([
    'labels',
    'finalizers',
  ]);
  expect(Object.keys(object.spec).filter((name) => isAccessor(object.spec, name))).toEqual([
    'containers',
    'securityContext',
  ]);
  expect(Object.values(Object.getOwnPropertyDescriptors(object.spec.containers[0])).some(({ get }) => get)).toBe(false);
  expect(object.spec.containers).toBe(object.spec.containers);
  expect(object.metadata).toBe(object.metadata);
});

test('lazyMessage: deepFreeze and isFrozen decode nothing, writes throw at every depth, clone is mutable', () => {
  const { metadata } = deepFreeze(lazy<Pod>(pods, podBytes()));
  expect(deepFreeze(metadata)).toBe(metadata);
  expect(Object.isFrozen(metadata) && isAccessor(metadata, 'labels')).toBe(true);
  for (const write of [
    () => Object.assign(metadata, { name: 'x' }),
    () => Object.assign(metadata, { labels: {} }),
    () => Object.assign(metadata.labels, { app: 'x' }),
    () => metadata.finalizers.push('x'),
    () => Reflect.apply(Object.defineProperty, undefined, [metadata, 'more', { value: 1 }]),
  ])
    expect(write).toThrow(TypeError);
  const draft = clone(metadata);
  draft.labels.app = 'changed';
  expect([draft.labels.app, metadata.labels.app]).toEqual(['changed', 'web']);
});

test('lazyMessage lets the bytes go once all was read, and holds them until then', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const refs: WeakRef<object>[] = [];
  const make = (read: (object: Pod) => unknown): unknown => {
    const bytes = podBytes();
    refs.push(new WeakRef(bytes));
    const object = lazy<Pod>(pods, bytes);
    return [object, read(object)];
  };
  const held = [
    make((object) => object.metadata.name),
    make((object) => object.metadata),
    make((object) => JSON.stringify(object)),
  ];
  const part = lazy<Pod>(pods, podBytes()).metadata;
  await new Promise<void>((resolve) => setImmediate(resolve));
  collect();
  expect(refs.map((ref) => ref.deref() === undefined)).toEqual([false, false, true]);
  expect(held).toHaveLength(3);
  expect(part).toEqual(pod.metadata);
});

test('lazyMessage makes metadata, spec and status with their objects for those who read them, until they do not', () => {
  const bytes = podBytes();
  /** How many of 4,096 objects have metadata, and how many a spec, when they are made. */
  const made = (read: (object: Pod) => void): number[] => {
    const counts = [0, 0];
    for (let round = 0; round < 4_096; round++) {
      const object = lazy<Pod>(pods, bytes);
      ['metadata', 'spec'].forEach((name, index) => {
        if (!isAccessor(object, name)) counts[index] = (counts[index] ?? 0) + 1;
      });
      read(object);
    }
    return counts;
  };
  expect(made(() => {})).toEqual([0, 0]);
  const [metadata = 0, spec] = made((object) => object.metadata);
  expect(metadata).toBeGreaterThan(3_800);
  expect(metadata).toBeLessThan(4_096);
  expect(spec).toBe(0);
  expect(made((object) => object.spec)[0]).toBeLessThan(1_024);
});

test('lazyMessage decodes metadata, spec and status at once for those who read all of them, until they do not', () => {
  const bytes = podBytes();
  /** How many of 4,096 specs have their containers when they are made. */
  const whole = (read: (spec: Pod['spec']) => void): number => {
    let count = 0;
    for (let round = 0; round < 4_096; round++) {
      const { spec } = lazy<Pod>(pods, bytes);
      if (!isAccessor(spec, 'containers')) count++;
      read(spec);
    }
    return count;
  };
  expect(whole(({ nodeName }) => nodeName)).toBe(0);
  expect(whole((spec) => JSON.stringify(spec))).toBeGreaterThan(3_800);
  expect(whole((spec) => JSON.stringify(spec))).toBeLessThan(4_096);
  expect(whole(({ nodeName }) => nodeName)).toBeLessThan(1_024);
});

test('Lazy: lazyMessage gives an object that equals the decoded one, in whatever order it is read', () => {
  equalsDecoded(lazy, 3_000);
});

test('lazyMessage: its property finds one that loses a field', () => {
  const forgetful: Maker = (type, bytes, from = 0, to = bytes.length) => {
    const object = lazyMessage<Data>(type, bytes, from, to, meta);
    const { metadata } = object;
    return { ...object, metadata: { ...(metadata as Data), labels: undefined } } as never;
  };
  expect(() => equalsDecoded(forgetful, 1_000)).toThrow(/Property failed/);
});
