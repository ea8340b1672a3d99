import { isJsonObject } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { chunked, shown } from './fuzz.fixture.ts';
import { JsonScanner, SCAN_ITEM, SCAN_MORE } from './json-scanner.ts';
import { RandomJson } from './random-json.fixture.ts';
import type { Dice } from './views.fixture.ts';

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
