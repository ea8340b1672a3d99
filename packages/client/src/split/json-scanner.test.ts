import { isJsonObject } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { loadWasm } from '@bowline/apimachinery/wasm';
import { describe, expect, test, vi } from 'vitest';
import { chunked, interesting, mutated, shown } from './fuzz.fixture.ts';
import { ItemScan, itemScan, type ScanModule } from './item-scan.ts';
import { wasm } from './json-scan.generated.ts';
import { JsonScanner, SCAN_ITEM, SCAN_MORE } from './json-scanner.ts';
import { RandomJson } from './random-json.fixture.ts';
import { byteByByte, CountedScan, scanHistory } from './scan-history.fixture.ts';
import type { Dice } from './views.fixture.ts';

// Most broken inputs end in an error, whose stack nobody reads.
Error.stackTraceLimit = 0;

const seed = process.env.BOWLINE_SEED ?? String(Date.now());

/** What a scanner says of one item. */
interface Scanned {
  readonly top: readonly [string, string][] | undefined;
  readonly metadata: readonly [string, string][] | undefined;
  readonly isCompact: boolean;
}

/** Scans `{"object":ITEM}` in pieces. */
function scanned(item: Buffer, chunks: (bytes: Buffer) => Buffer[] = (bytes) => [bytes]): Scanned {
  const scanner = new JsonScanner(500);
  scanner.reset(0);
  let window = Buffer.alloc(0);
  let base = 0;
  let found: Scanned | undefined;
  for (const chunk of chunks(Buffer.concat([Buffer.from(' { "object" : '), item, Buffer.from(' } ')]))) {
    window = Buffer.concat([window.subarray(scanner.at - base), chunk]);
    base = scanner.at;
    for (;;) {
      const event = scanner.scan(window, base, window.length);
      if (event === SCAN_MORE) break;
      scanner.itemDepth = event === SCAN_ITEM ? -1 : 1;
      if (event === SCAN_ITEM) found = saidOf(scanner, item);
    }
  }
  expect(scanner.done).toBe(true);
  return found as Scanned;
}

function saidOf({ places, topMembers, metadataMembers, itemIsCompact }: JsonScanner, item: Buffer): Scanned {
  const all: [string, string][] = [];
  for (let at = 0; at < 4 * (topMembers + metadataMembers); at += 4) {
    const [keyFrom, keyTo, valueFrom, valueTo] = places.subarray(at, at + 4);
    all.push([item.toString('utf8', keyFrom, keyTo), item.toString('utf8', valueFrom, valueTo)]);
  }
  return {
    top: topMembers < 0 ? undefined : all.slice(0, topMembers),
    metadata: metadataMembers < 0 ? undefined : all.slice(topMembers),
    isCompact: itemIsCompact,
  };
}

function parsed(members: readonly [string, string][]): Record<string, unknown> {
  return Object.fromEntries(members.map(([key, value]) => [JSON.parse(`"${key}"`) as string, JSON.parse(value)]));
}

test('JsonScanner says where the members of an item and of its metadata stand, however it is cut', () => {
  let told = 0;
  for (let number = 0; number < 5_000; number++) {
    const random = seededRandom(`${seed} ${number}`);
    const dice: Dice = (below) => Math.floor(random.next() * below);
    const item = Buffer.from(new RandomJson(dice, true).item());
    const context = `BOWLINE_SEED=${seed}, input ${number}: ${shown(item)}`;
    const { top, metadata, isCompact } = scanned(item, (bytes) => chunked(bytes, dice));
    const object = JSON.parse(item.toString('utf8')) as Record<string, unknown>;
    expect(isCompact, context).toBe(!/\s/.test(item.toString('utf8').replace(/"(?:[^"\\]|\\.)*"/g, '')));
    if (top === undefined || metadata === undefined) {
      const hasEscapes = item.includes('\\');
      const isLonger = JSON.stringify(object).length < item.length;
      expect(hasEscapes || isLonger, context).toBe(true);
      continue;
    }
    told++;
    expect(parsed(top), context).toEqual(object);
    expect(parsed(metadata), context).toEqual(isJsonObject(object.metadata) ? object.metadata : {});
  }
  expect(told).toBeGreaterThan(2_000);
});

test('JsonScanner does not say where members stand of which two may have one name', () => {
  for (const item of [
    '{"a":1,"a":2}',
    '{"a\\u0062":1}',
    '{"metadata":{"name":"a","name":"b"}}',
    '{"metadata":1,"metadata":{}}',
  ]) {
    expect(scanned(Buffer.from(item))).toEqual({ top: undefined, metadata: undefined, isCompact: true });
  }
});

test('JsonScanner remembers 32 members of an item and 32 of its metadata', () => {
  const members = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`member-${index}`, index]));
  const most = { ...members(31), metadata: members(32) };
  const { top = [], metadata = [] } = scanned(Buffer.from(JSON.stringify(most)));
  expect([parsed(top), parsed(metadata)]).toEqual([most, most.metadata]);
  for (const more of [{ ...members(32), metadata: {} }, { metadata: members(33) }]) {
    expect(scanned(Buffer.from(JSON.stringify(more)))).toEqual({
      top: undefined,
      metadata: undefined,
      isCompact: true,
    });
  }
});

/** All that JSON can be like, and some of what it cannot. */
const sample = Buffer.from(
  `{"object": {"kind":"Thing","metadata":{"name":"w\\"e\\\\b","labels":{"f:é🎉":"${'long '.repeat(9)}"},"uid":"\\ud83c\\udf89\\uD800",
"resourceVersion":"12", "namespace":"a","own":[{},[],[[]],{"":{}}]},"apiVersion":"v1","spec":[0,-0.5e+10,12345678901234567890,1E-7,true,false,null,"\x7f",{
"a" : [ 1 , 2 ] }],"":"${'x'.repeat(40)}\\n"},"type":"ADDED"}`,
);

function expectSame(chunks: readonly Buffer[], scan = itemScan): void {
  const expected = scanHistory(chunks, byteByByte);
  const actual = scanHistory(chunks, scan);
  if (actual.join() !== expected.join()) expect(actual, chunks.map(shown).join(' + ')).toEqual(expected);
}

describe('JsonScanner says the same with and without WebAssembly', () => {
  test('of every byte that stands in for another', () => {
    const counted = new CountedScan();
    const bytes = [
      ...new Set([...interesting, 0x09, 0x0b, 0x1f, 0x20, 0x21, 0x23, 0x2f, 0x5b, 0x62, 0x75, 0xc0, 0xf0]),
    ];
    for (let at = 0; at < sample.length; at++) {
      for (const byte of at % 8 === 0 ? Array.from({ length: 256 }, (_, index) => index) : bytes) {
        const broken = Buffer.from(sample);
        broken[at] = byte;
        expectSame([broken], () => counted);
      }
    }
    expect(counted.scanned).toBeGreaterThan(5_000);
  });

  test('of every beginning, and however it is cut in two', () => {
    for (let at = 0; at <= sample.length; at++) {
      expectSame([sample.subarray(0, at)]);
      expectSame([sample.subarray(0, at), sample.subarray(at)]);
      expectSame([Buffer.concat([sample.subarray(0, at), sample.subarray(at + 1)])]);
    }
  });

  test('of any depth', () => {
    for (let depth = 1; depth < 20; depth++) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
        ['[[],{"metadata":', '}]'],
      ] as const) {
        const item = `{"metadata":{"name":"a"},"spec":${open.repeat(depth)}1${close.repeat(depth)}}`;
        expectSame([Buffer.from(`{"items":[${item},${item}]}`)]);
      }
    }
    const deep = Buffer.from(`{"object":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`);
    expect(scanHistory([deep], itemScan, 100_000)).toEqual(scanHistory([deep], byteByByte, 100_000));
  });

  test('of items of all sizes, in windows of all sizes', () => {
    const item = (bytes: number): string => `{"metadata":{"name":"${bytes}"},"spec":"${'x'.repeat(bytes)}"}`;
    for (const sizes of [
      [1, 1 << 20, 5],
      [1 << 19, 1 << 19, 1 << 19, 10],
      [70_000, 3, 200_000],
      [3_000_000, 1],
    ]) {
      const list = Buffer.from(`{"items":[${sizes.map(item).join()}]}`);
      expectSame([list]);
      expectSame([list.subarray(0, 100_000), list.subarray(100_000)]);
    }
  });

  test('of random lists and events, sound and broken', () => {
    const counted = new CountedScan();
    for (let number = 0; number < 30_000; number++) {
      const random = seededRandom(`${seed} ${number}`);
      const dice: Dice = (below) => Math.floor(random.next() * below);
      const json = new RandomJson(dice, true);
      const text = Buffer.from(dice(2) === 0 ? json.list() : json.event());
      const bytes = dice(2) === 0 ? text : mutated(text, dice);
      expectSame(dice(2) === 0 ? [bytes] : chunked(bytes, dice), () => counted);
    }
    expect(counted.scanned).toBeGreaterThan(5_000);
  });

  test('so that a scan which takes any escape sequence is found', () => {
    class LaxScan extends CountedScan {
      override scan(window: Uint8Array, from: number, end: number, maxDepth: number): number {
        const text = Buffer.from(window).toString('latin1').replaceAll('\\x', '\\n');
        return super.scan(Buffer.from(text, 'latin1'), from, end, maxDepth);
      }
    }
    const lax = new LaxScan();
    expect(() => expectSame([Buffer.from('{"object":{"a":"\\x"}}')], () => lax)).toThrow('to deeply equal');
  });
});

/** An object as kube-apiserver writes it: compact, and only here and there with an escape sequence. */
const served = JSON.stringify({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: {
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"example.com/v1","spec":{"a":"\\\\é"}}\n',
    },
    creationTimestamp: '2026-03-01T12:00:00Z',
    managedFields: [
      { fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'k:{"uid":"e5"}': {} } } }, manager: 'kubectl' },
    ],
    name: 'web-7f',
    namespace: 'default',
    resourceVersion: '1000000201',
    uid: 'f2fea582-3ed3-4667-a2a3-0f6b368caa96',
  },
  spec: { replicas: 3, ratio: 0.5, enabled: true, none: null, ports: [{ port: 80 }], text: '<a> & \u2028 "b"' },
  status: {},
});

test('JsonScanner scans with WebAssembly what kube-apiserver sends: each item that one window holds', () => {
  const counted = new CountedScan();
  const list = Buffer.from(`{"kind":"ThingList","metadata":{},"items":[${Array(100).fill(served).join()}]}\n`);
  expectSame([list], () => counted);
  expect(counted.scanned).toBe(100);
  expectSame([Buffer.from(`{"type":"ADDED","object":${served}}`)], () => counted);
  expect(counted.scanned).toBe(101);
});

test('JsonScanner waits once for the rest of an item, and scans it byte by byte when that is not all of it', () => {
  const list = Buffer.from(`{"kind":"ThingList","metadata":{},"items":[${served},${served}]}`);
  for (let at = 0; at < list.length; at++) {
    const counted = new CountedScan();
    expectSame([list.subarray(0, at), list.subarray(at)], () => counted);
    expect(counted.scanned, `cut at ${at}`).toBe(2);
  }
  const counted = new CountedScan();
  expectSame([list.subarray(0, 200), list.subarray(200, 300), list.subarray(300)], () => counted);
  expect(counted.scanned).toBe(1);
});

test('JsonScanner does without WebAssembly where there is no memory for a window', () => {
  const module = loadWasm<ScanModule>(wasm) as ScanModule;
  const grow = (): number => {
    throw new RangeError('No room');
  };
  const scan = new ItemScan({ ...module, memory: { buffer: module.memory.buffer, grow } });
  expectSame([sample], () => scan);
});

test('JsonScanner does without WebAssembly where there is none', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const without = await import('./item-scan.ts');
  expect(without.itemScan()).toBeUndefined();
  expectSame([sample, sample.subarray(0, 3)], without.itemScan);
  vi.unstubAllGlobals();
});
