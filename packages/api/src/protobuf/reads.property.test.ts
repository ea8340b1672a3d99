import { valueAt } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMessage, copyWithout, decodeMessage, encodeMessage, type MessageType, readPath } from './index.ts';
import { type Message, messages, typeOf } from './objects.fixture.ts';

/** How a message is made that nobody writes but protobuf allows: two of a kind behind each other, some bytes changed. */
const recipe = fc.record({
  first: fc.nat(messages.length - 1),
  second: fc.option(fc.nat(), { freq: 2 }),
  edits: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(40) }), { maxLength: 2 }),
});
type Recipe = typeof recipe extends fc.Arbitrary<infer R> ? R : never;

/** It stands among bytes that are not its own. Those that do not pass the check are not looked at. */
function made({ first, second, edits }: Recipe): { type: MessageType; bytes: Buffer; from: number; to: number } {
  const { type, bytes: begin } = messages[first] as Message;
  const others = messages.filter((other) => other.type === type);
  const rest = second === null ? [] : [(others[second % others.length] as Message).bytes];
  const message = Buffer.concat([begin, ...rest]);
  for (const { at, byte } of edits) if (message.length > 0) message[at % message.length] = byte;
  const bytes = Buffer.concat([Buffer.from('***'), message, Buffer.from('***')]);
  try {
    checkMessage(type, bytes, 3, 3 + message.length);
  } catch {
    fc.pre(false);
  }
  return { type, bytes, from: 3, to: 3 + message.length };
}

/** Paths that lead somewhere in the object, a little beyond it, or nowhere. */
function pathIn(object: unknown, choices: readonly number[]): string[] {
  const path: string[] = [];
  let value = object;
  for (const choice of choices) {
    while (Array.isArray(value)) value = value[choice % Math.max(1, value.length)] as unknown;
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const name = names[choice % (names.length + 1)];
    if (name === undefined) {
      if (choice % 3 === 0) path.push('spec');
      return path;
    }
    path.push(...(choice % 5 === 0 ? name.split('.') : [name]));
    value = (value as Record<string, unknown>)[name];
  }
  return path;
}

const choices = fc.array(fc.nat(200), { maxLength: 6 });

type Reader = typeof readPath;

function readsLikeValueAt(read: Reader, numRuns: number): void {
  fc.assert(
    fc.property(recipe, fc.array(choices, { minLength: 1, maxLength: 8 }), (how, manyChoices) => {
      const { type, bytes, from, to } = made(how);
      const object = decodeMessage(type, bytes, from, to);
      for (const path of manyChoices.map((some) => pathIn(object, some))) {
        const expected = valueAt(object, path);
        const found = read(type, bytes, from, to, path);
        expect({ path, found: JSON.stringify(found) }).toEqual({ path, found: JSON.stringify(expected) });
      }
    }),
    { numRuns },
  );
}

test('In parts: readPath gives what valueAt gives of the decoded object', () => {
  readsLikeValueAt(readPath, 3_000);
});

test('readPath: its property finds a reader that forgets what Go writes of absent fields', () => {
  const forgetful: Reader = (type, bytes, from, to, path) => {
    const found = readPath(type, bytes, from, to, path);
    return found === '' || found === 0 ? undefined : found;
  };
  expect(() => readsLikeValueAt(forgetful, 1_000)).toThrow(/Property failed/);
});

/** Takes out of JSON data what stands at a path; below the top, its last names may be one name with dots. */
function cutOut(data: unknown, path: readonly string[], isTop: boolean): void {
  if (Array.isArray(data)) for (const element of data) cutOut(element, path, isTop);
  else if (typeof data === 'object' && data !== null) {
    const here = data as Record<string, unknown>;
    const [name = '', ...rest] = path;
    if (rest.length === 0 || !isTop) delete here[path.join('.')];
    if (rest.length > 0 && Object.hasOwn(here, name)) cutOut(here[name], rest, false);
  }
}

/** Raw JSON is dropped whole or not at all. */
function isOnTheWire(path: readonly string[]): boolean {
  return path.length > 0 && !path.slice(0, -1).some((name) => rawJson.has(name));
}

const rawJson: ReadonlySet<string> = new Set(['fieldsV1', 'default', 'example', 'enum', 'raw', 'data', 'parameters']);

/** What is read back of a written object; undefined when it cannot be written. */
function again(type: MessageType, object: object): unknown {
  try {
    return decodeMessage(type, encodeMessage(type, object));
  } catch {
    return undefined;
  }
}

type Copier = typeof copyWithout;

function copiesWithout(copy: Copier, numRuns: number): void {
  fc.assert(
    fc.property(recipe, fc.array(choices, { maxLength: 3 }), (how, manyChoices) => {
      const { type, bytes, from, to } = made(how);
      const object = decodeMessage(type, bytes, from, to);
      const drop = manyChoices.map((some) => pathIn(object, some).slice(0, 4)).filter(isOnTheWire);
      const target = Buffer.alloc(bytes.length + 4, 0x2a);
      const length = copy(type, bytes, from, to, target, 2, drop);
      expect(length).toBeLessThanOrEqual(to - from);
      const others = target.subarray(2 + to - from);
      expect([...target.subarray(0, 2), ...others].every((byte) => byte === 0x2a)).toBe(true);
      checkMessage(type, target, 2, 2 + length);
      const expected = decodeMessage(type, bytes, from, to);
      for (const path of drop) cutOut(expected, path, true);
      // What Go writes of absent fields comes back. Some objects were broken so that they cannot be written again.
      const written = JSON.stringify(again(type, object)) === JSON.stringify(object);
      if (written) {
        const left = decodeMessage(type, target, 2, 2 + length);
        expect(JSON.stringify(left)).toBe(JSON.stringify(again(type, expected)));
      }
    }),
    { numRuns },
  );
}

test('In parts: copyWithout leaves out the fields at the paths, and nothing else', () => {
  copiesWithout(copyWithout, 3_000);
});

test('copyWithout: its property finds a copier that forgets a path, and one that cuts the end off', () => {
  const forgetful: Copier = (type, bytes, from, to, target, at, drop) =>
    copyWithout(type, bytes, from, to, target, at, drop.slice(1));
  const cutter: Copier = (type, bytes, from, to, target, at, drop) => {
    const length = copyWithout(type, bytes, from, to, target, at, drop);
    return drop.length > 1 && length > 300 ? length - 2 : length;
  };
  for (const copy of [forgetful, cutter]) expect(() => copiesWithout(copy, 1_000)).toThrow(/Property failed/);
});

test('copyWithout drops what the paths say: fields, fields in lists, pairs of maps, fields of embedded structures', async () => {
  const type = await typeOf('v1', 'Pod');
  const bytes = encodeMessage(type, {
    metadata: { name: 'web', annotations: { 'example.com/a': 'x', b: 'y' }, managedFields: [{ manager: 'm' }] },
    spec: {
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }],
      containers: [{ name: 'a', image: 'i' }, { name: 'b' }],
    },
    status: { phase: 'Running' },
  });
  const drop = [
    ['metadata', 'managedFields'],
    ['metadata', 'annotations', 'example.com/a'],
    ['spec', 'containers', 'image'],
    ['spec', 'volumes', 'emptyDir', 'medium'],
    ['status', 'phase'],
    ['status', 'phase', 'deeper'],
    ['nothing', 'here'],
  ];
  const target = Buffer.alloc(bytes.length);
  const written = copyWithout(type, bytes, 0, bytes.length, target, 0, drop);
  expect(decodeMessage(type, target, 0, written)).toEqual({
    metadata: { name: 'web', annotations: { b: 'y' } },
    spec: {
      volumes: [{ name: 'tmp', emptyDir: {} }],
      containers: [
        { name: 'a', resources: {} },
        { name: 'b', resources: {} },
      ],
    },
    status: {},
  });
});
