import { seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtinKinds } from '../index.ts';
import { CheckTables } from './check-tables.ts';
import { checkMessage, decodeMessage, isOrdered, type MessageType, ProtobufError, quickCheck } from './index.ts';
import { messages, typeOf } from './objects.fixture.ts';
import { type Dice, mutated, pick, randomMessage, varint } from './random-message.fixture.ts';

// Most broken messages end in an error, whose stack nobody reads.
Error.stackTraceLimit = 0;

const types = await Promise.all(builtinKinds.map(({ apiVersion, kind }) => typeOf(apiVersion, kind)));
const objects = types.filter((type) => type.byNumber[1]?.type.message?.name === 'ObjectMeta');

type Quick = typeof quickCheck;

/** What the walk in TypeScript says, in a word. */
function verdict(type: MessageType, bytes: Buffer, from: number, to: number): 'sound' | 'unknown fields' | 'broken' {
  try {
    return checkMessage(type, bytes, from, to) ? 'unknown fields' : 'sound';
  } catch (error) {
    if (error instanceof ProtobufError) return 'broken';
    throw error;
  }
}

function namesOf(type: MessageType, bytes: Buffer, from: number, to: number): string[] {
  const { metadata } = decodeMessage(type, bytes, from, to) as { metadata?: Readonly<Record<string, string>> };
  return ['name', 'namespace', 'uid', 'resourceVersion'].map((name) => metadata?.[name] ?? '');
}

/** What is wrong with the answer for one message. The quick check may leave anything to the other one, and pass only what that passes. */
function wrongOf(quick: Quick, type: MessageType, message: Buffer, isUsual: boolean): string | undefined {
  const bytes = Buffer.concat([Buffer.from('**'), message, Buffer.from('**')]);
  const to = 2 + message.length;
  const places = quick(type, bytes, 2, to);
  const shown = `${type.name} ${message.toString('hex')}`;
  if (places === undefined) return isUsual ? `${shown} is left to the walk` : undefined;
  const said = verdict(type, bytes, 2, to);
  if (said !== 'sound') return `${shown} is ${said}`;
  if (!isOrdered(type, bytes, 2, to)) return `${shown} is not ordered`;
  const names = [
    bytes.toString('utf8', places.nameStart, places.nameEnd),
    bytes.toString('utf8', places.namespaceStart, places.namespaceEnd),
    bytes.toString('utf8', places.uidStart, places.uidEnd),
    bytes.toString('utf8', places.resourceVersionStart, places.resourceVersionEnd),
  ];
  const expected = namesOf(type, bytes, 2, to);
  return names.join() === expected.join() ? undefined : `${shown} is named ${names.join()}, not ${expected.join()}`;
}

/** Random messages of random kinds, and `changes` broken ones made of each. */
function agrees(quick: Quick, numRuns: number, changes: number): void {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = seededRandom(String(seed));
      const dice: Dice = (below) => Math.floor(random.next() * below);
      const sample = dice(4) === 0 ? pick(messages, dice) : undefined;
      const type = sample?.type ?? pick(objects, dice);
      const message = sample?.bytes ?? randomMessage(type, dice);
      const wrong = [wrongOf(quick, type, message, true)];
      for (let count = 0; count < changes; count++) wrong.push(wrongOf(quick, type, mutated(message, dice), false));
      expect(wrong.filter((one) => one !== undefined)).toEqual([]);
    }),
    { numRuns },
  );
}

/** 400,000 broken messages. */
test('Never misread: quickCheck passes what checkMessage passes with all fields known and in order, finds its names, and knows all that Go writes', {
  timeout: 60_000,
}, () => {
  agrees(quickCheck, 5_000, 80);
});

test('quickCheck: its property finds one that looks at a byte less, and one that mistakes a name', () => {
  const short: Quick = (type, bytes, from = 0, to = bytes.length) =>
    quickCheck(type, bytes, from, to) ?? quickCheck(type, bytes, from, to - 1);
  const mistaken: Quick = (type, bytes, from, to) => {
    const places = quickCheck(type, bytes, from, to);
    return places && { ...places, uidEnd: places.nameEnd, uidStart: places.nameStart };
  };
  for (const quick of [short, mistaken]) expect(() => agrees(quick, 500, 40)).toThrow(/Property failed/);
});

test('quickCheck never reads on into what an earlier object has left in its memory', { timeout: 60_000 }, () => {
  const dice: Dice = () => 0;
  const some = [
    ...messages.slice(0, 12),
    { type: objects[0] as MessageType, bytes: randomMessage(objects[0] as MessageType, dice) },
  ];
  for (const { type, bytes } of some) {
    for (let to = 0; to <= bytes.length; to++) {
      quickCheck(type, bytes);
      const passes = quickCheck(type, bytes, 0, to) !== undefined;
      expect(passes).toBe(verdict(type, bytes, 0, to) === 'sound');
    }
    expect(quickCheck(type, bytes, 0, bytes.length + 2)).toBeUndefined();
  }
});

function field(number: number, ...values: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(values);
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

test('quickCheck leaves what is nested too deeply to checkMessage, and passes the level before', async () => {
  const type = await typeOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  const passed: boolean[] = [];
  const sound: boolean[] = [];
  for (let levels = 150; levels < 230; levels++) {
    let schema: Buffer = Buffer.alloc(0);
    for (let level = 0; level < levels; level++) schema = field(28, schema);
    const message = field(2, field(7, field(4, field(1, schema)))); // spec.versions.schema.openAPIV3Schema, then `not` again and again;
    passed.push(quickCheck(type, message) !== undefined);
    sound.push(verdict(type, message, 0, message.length) === 'sound');
  }
  expect(passed).toEqual(sound);
  expect(sound).toContain(true);
  expect(sound).toContain(false);
});

test('quickCheck leaves raw JSON with too many brackets to checkMessage', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const managed = (json: string): Buffer =>
    field(1, field(1, Buffer.from('a')), field(17, field(7, field(1, Buffer.from(json)))));
  const of = (json: string): boolean => quickCheck(type, managed(json)) !== undefined;
  expect([of('['.repeat(2_000) + ']'.repeat(2_500)), of('{'.repeat(2_001) + '}'.repeat(2_001))]).toEqual([true, false]);
});

test('quickCheck leaves objects of more than 256 KiB, and lists, to checkMessage', async () => {
  const type = await typeOf('v1', 'ConfigMap');
  const sized = (length: number): Buffer => {
    const message = field(2, field(1, Buffer.from('a')), field(2, Buffer.alloc(length - 20, 'x')));
    return Buffer.concat([field(1, field(2, Buffer.alloc(Math.max(0, length - message.length - 4)))), message]);
  };
  for (const length of [262_143, 262_144, 262_145]) {
    const message = sized(length);
    expect(message.length).toBe(length);
    expect(quickCheck(type, message) !== undefined).toBe(length <= 262_144);
  }
  expect(quickCheck(await typeOf('v1', 'ConfigMapList'), Buffer.alloc(0))).toBeUndefined();
});

test('CheckTables of all kinds have room, and where there is none a field counts as unusual', () => {
  const view = new DataView(new ArrayBuffer(65_536));
  const all = new CheckTables(view, 32, view.byteLength);
  const addresses = objects.map((type) => all.ofObject(type));
  expect(new Set(addresses).size).toBe(objects.length);
  expect(addresses).not.toContain(0);

  const pod = types.find(({ name }) => name === 'Pod') as MessageType;
  const few = new CheckTables(view, 32, 32 + 4 + 4 * 5);
  const address = few.ofObject(pod);
  expect([address, few.ofObject(types[0] as MessageType)]).toEqual([32, 0]);
  few.complete(address, 2);
  expect(view.getUint32(address + 4 + 4 * 2, true)).toBe(15);
});
