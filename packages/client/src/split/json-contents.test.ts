import { seededRandom } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import { limits } from './fuzz.fixture.ts';
import { JsonEncoding } from './json-encoding.ts';
import { JsonItem } from './json-item.ts';
import { CLOSE_OBJECT } from './json-tokens.ts';
import { RandomJson } from './random-json.fixture.ts';
import { NamedItem, type SplitItem } from './split-item.ts';
import { type Dice, viewsDiffer } from './views.fixture.ts';

type Json = Record<string, unknown>;

/** The item of an object as a watch brings it. */
function watched(text: string): SplitItem<Json> {
  const [frame] = new FrameSplitter<Json>(limits).push(Buffer.from(`{"type":"ADDED","object":${text}}\n`));
  if (frame === undefined || !('item' in frame)) throw new Error(`No item: ${text}`);
  return frame.item;
}

function copyOf(item: SplitItem<Json>, drop: string[][] = []): SplitItem<Json> {
  const { key, uid, resourceVersion, encoding } = item;
  const target = Buffer.alloc(encoding.room(item));
  return new NamedItem(key, uid, resourceVersion, encoding, target, 0, encoding.copy(item, target, 0, drop));
}

function sizeOf({ start, end }: SplitItem<Json>): number {
  return end - start;
}

const usual = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: {
    annotations: { note: 'x'.repeat(200) },
    creationTimestamp: '2026-03-01T12:00:00Z',
    generation: 1,
    labels: { app: 'web' },
    managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': {} } }],
    name: 'web',
    namespace: 'default',
    resourceVersion: '12',
    uid: 'u',
  },
  spec: { replicas: 3, text: 'y'.repeat(2_000) },
  status: { ready: true },
};

describe('JsonContents', () => {
  test('JsonContents take less than 30 bytes behind a usual object', () => {
    const item = watched(JSON.stringify(usual));
    expect(item).toBeInstanceOf(JsonItem);
    const copy = copyOf(item);
    expect(sizeOf(copy) - sizeOf(item)).toBeGreaterThan(15);
    expect(sizeOf(copy) - sizeOf(item)).toBeLessThan(30);
    const { managedFields: _, ...metadata } = usual.metadata;
    const cut = copyOf(item, [['metadata', 'managedFields']]);
    expect(cut.object).toEqual({ ...usual, metadata });
    expect(cut.decode()).toEqual({ ...usual, metadata });
    expect(cut.bytes[cut.end - 1]).not.toBe(CLOSE_OBJECT);
  });

  test.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])('JsonContents tell of values of %i bytes', (size) => {
    const object = { data: 'x'.repeat(size - 2), metadata: { name: 'a', note: 'y'.repeat(size - 2) }, z: 1 };
    const splitter = new FrameSplitter<Json>({ ...limits, maxItemBytes: 1 << 25 });
    const line = `{"type":"ADDED","object":${JSON.stringify(object)}}\n`;
    const [frame] = splitter.push(Buffer.from(line + line)); // the table of the second stands right behind that of the first
    const item = (frame as { item: SplitItem<Json> }).item;
    expect(item).toBeInstanceOf(JsonItem);
    const copy = copyOf(copyOf(item));
    expect(copy.bytes[copy.end - 1]).not.toBe(CLOSE_OBJECT);
    expect([copy.object.z, copy.read(['metadata', 'name'])]).toEqual([1, 'a']);
    expect(copy.decode()).toEqual(object);
    expect(copyOf(copy, [['data']]).object).toEqual({ metadata: object.metadata, z: 1 });
  });

  test('JsonContents move with the bytes before them', () => {
    const item = copyOf(watched(JSON.stringify(usual)), [['metadata', 'managedFields']]);
    const expected = item.decode();
    const { key, uid, resourceVersion, encoding } = item;
    for (const at of [0, 1, 100]) {
      const slab = Buffer.alloc(5_000, '}');
      const to = at + item.bytes.copy(slab, at, item.start, item.end);
      const moved = new NamedItem(key, uid, resourceVersion, encoding, slab, at, to);
      expect(moved.object).toEqual(expected);
      expect(moved.read(['spec', 'replicas'])).toBe(3);
      expect(copyOf(moved, [['spec'], ['metadata', 'labels', 'app']]).read(['metadata', 'labels'])).toEqual({});
    }
  });

  test('JsonContents tell of 32 members, and of 32 of metadata', () => {
    const most = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`m${index}`, index]));
    const object = { metadata: { name: 'a', ...most }, ...most };
    const copy = copyOf(watched(JSON.stringify(object)));
    expect(sizeOf(copy) - JSON.stringify(object).length).toBeGreaterThan(2 + 32 + 32);
    expect(copy.object).toEqual(object);
  });

  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`m${index}`, index]));

  test.each([
    JSON.stringify({ metadata: { name: 'a' }, ...many }),
    JSON.stringify({ metadata: { name: 'a', ...many } }),
    '{ "metadata":{"name":"a"}}',
    '{"metadata" :{"name":"a"}}',
    '{"metadata": {"name":"a"}}',
    '{"metadata":{"name":"a"} }',
    '{"metadata":{"name":"a"}, "b":1}',
    '{"metadata":{"name":"a"},"\\u0062":1}',
    '{"metadata":{"name":"b"},"metadata":{"name":"a"}}',
    `{"metadata":{"name":"a"},"${'long'.repeat(1_200)}":1}`,
  ])('JsonContents are left out where members do not stand side by side: %.60s', (text) => {
    const item = watched(text);
    expect(item).not.toBeInstanceOf(JsonItem);
    const copy = copyOf(item, [['b']]);
    expect(copy.bytes[copy.end - 1]).toBe(CLOSE_OBJECT);
    expect(copy.read(['metadata', 'name'])).toBe('a');
  });

  test.each(['{"metadata":{"name": "a"},"spec":1}', '{"metadata":{"name":"a","labels":{"b":[ ]} },"spec":1}'])(
    'JsonContents tell of the object alone where those of its metadata are not known: %.60s',
    (text) => {
      const copy = copyOf(copyOf(watched(text)));
      expect(sizeOf(copy) - text.length).toBe(4);
      expect(copy.object).toEqual(JSON.parse(text));
      expect(copy.read(['metadata', 'name'])).toBe('a');
      expect(copyOf(copy, [['metadata', 'name']]).read(['metadata', 'name'])).toBeUndefined();
    },
  );

  test('JsonContents remember 254 layouts; objects of others are read without', () => {
    const splitter = new FrameSplitter<Json>(limits);
    const texts = Array.from({ length: 600 }, (_, i) => `{"metadata":{"name":"a","n${i % 300}":1},"m${i % 280}":${i}}`);
    const lines = texts.map((text) => `{"type":"ADDED","object":${text}}\n`).join('');
    const items = splitter.push(Buffer.from(lines)).map((frame) => (frame as { item: SplitItem<Json> }).item);
    expect(items.filter((item) => item instanceof JsonItem)).toHaveLength(254 + 254 + 40);
    for (const [index, item] of items.entries()) {
      const plain = JSON.parse(texts[index] as string);
      expect(copyOf(item).object).toEqual(plain);
      delete plain.metadata.name;
      expect(copyOf(copyOf(item, [['metadata', 'name']])).object).toEqual(plain);
    }
  });

  test('JsonContents know the same of an object whose keys are empty, and of one without members', () => {
    const items = ['{"metadata":{"name":"a"},"":1}', '{"metadata":{"name":"a","":2}}', '{"metadata":{"name":"a"}}'].map(
      watched,
    );
    expect(items.map((item) => copyOf(item, [['metadata']]).decode())).toEqual([{ '': 1 }, {}, {}]);
    expect(items.map((item) => copyOf(item, [['metadata', 'name']]).decode())).toEqual([
      { metadata: {}, '': 1 },
      { metadata: { '': 2 } },
      { metadata: {} },
    ]);
  });
});

/** What reads differently with a table of contents and without, of random objects; and how many had one. */
function differences(
  count: number,
  wrap: (item: SplitItem<Json>) => SplitItem<Json>,
): { wrong?: string; known: number } {
  let known = 0;
  for (let number = 0; number < count; number++) {
    const random = seededRandom(`contents ${number}`);
    const dice: Dice = (below) => Math.floor(random.next() * below);
    const [frame] = new FrameSplitter<Json>(limits).push(
      Buffer.from(`{"type":"ADDED","object":${new RandomJson(dice, false).item()}}\n`),
    );
    if (frame === undefined || !('item' in frame)) continue;
    const { item } = frame;
    if (item instanceof JsonItem) known++;
    const { bytes, start, end } = item;
    const expected = JSON.parse(bytes.toString('utf8', start, end));
    for (const drop of [[], [['metadata', 'managedFields']], [['spec'], ['metadata', 'labels']]]) {
      const plain = new NamedItem('', '', '', new JsonEncoding<Json>({ apiVersion: '', kind: '' }), bytes, start, end);
      const without = copyOf(plain, drop).decode();
      const wrong =
        viewsDiffer(wrap(copyOf(item, drop)), without, dice) ??
        viewsDiffer(wrap(copyOf(copyOf(item), drop)), without, dice);
      if (wrong !== undefined) return { wrong: `${wrong} of ${JSON.stringify(expected)}, object ${number}`, known };
    }
  }
  return { known };
}

test('objects with a table of contents read as those without, copied twice, whole or in part', () => {
  const { wrong, known } = differences(1_500, (item) => item);
  expect(wrong).toBeUndefined();
  expect(known).toBeGreaterThan(400);
});

test('a table of contents with a wrong length is found', () => {
  const shorten = (item: SplitItem<Json>): SplitItem<Json> => {
    const { bytes, end } = item;
    const length = bytes[end - 2] as number;
    if (bytes[end - 1] !== CLOSE_OBJECT && length > 1) bytes[end - 2] = length - 1;
    return item;
  };
  expect(() => expect(differences(1_500, shorten).wrong).toBeUndefined()).toThrow();
});
