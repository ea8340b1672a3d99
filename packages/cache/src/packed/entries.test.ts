import type { EncodedItem, Encoding } from '@bowline/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeKey } from '../encoded-key.ts';
import { Entries } from './entries.ts';

const encodings = ['a', 'b'].map((name) => ({ name }) as unknown as Encoding<unknown>);

interface Names {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly form: number;
  readonly length: number;
  readonly inBytes: boolean;
}

/** An item with its names as texts, or in its bytes too. */
function itemOf({ key, uid, resourceVersion, form, length, inBytes }: Names): EncodedItem<unknown> {
  const item = { key, uid, resourceVersion, encoding: encodings[form] } as EncodedItem<unknown>;
  if (!inBytes) return item;
  const bytes = Buffer.from(`${'a'.repeat(length % 50)}${uid}${resourceVersion}1`);
  const uidStart = length % 50;
  const uidEnd = uidStart + Buffer.byteLength(uid);
  const resourceVersionEnd = uidEnd + Buffer.byteLength(resourceVersion);
  return { ...item, bytes, names: { uidStart, uidEnd, resourceVersionStart: uidEnd, resourceVersionEnd } };
}

const uid = fc.oneof(
  fc.constantFrom('', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b810-9dad-11d1-80b4-00c04fd430c9'),
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  // Nearly what a server makes.
  fc
    .tuple(fc.uuid(), fc.nat(36), fc.constantFrom('', '-', 'g', '/', ':', '`', 'é', 'A', '０'))
    .map(([text, at, other]) => {
      return text.slice(0, at) + other + text.slice(at + 1);
    }),
  fc.string(),
);
const resourceVersion = fc.oneof(
  fc.maxSafeNat().map(String),
  fc.bigInt(0n, 2n ** 64n).map(String),
  fc.constantFrom(
    '',
    '0',
    '00',
    '01',
    '-1',
    '+1',
    '1e3',
    '1.0',
    ' 1',
    '9007199254740993',
    '999999999999999',
    '4294967296',
  ),
  fc.string(),
);
const key = fc.oneof(
  fc.constantFrom('a', 'ns/a', 'ns/b', 'ns/ab', 'né/a', '\u{1f600}', 'ns/\u0080', 'ns/\u007f', 'k'.repeat(2_000)),
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'binary' }),
);
const names = fc.record({ key, uid, resourceVersion, form: fc.nat(1), length: fc.nat(5_000), inBytes: fc.boolean() });

function check(entries: Entries<unknown>, expected: readonly Names[]): void {
  let start = 0;
  for (const [place, { key, uid, resourceVersion, form, length }] of expected.entries()) {
    expect(entries.keyOf(place)).toBe(key);
    expect(entries.uidOf(place)).toBe(uid);
    expect(entries.resourceVersionOf(place)).toBe(resourceVersion);
    expect(entries.encodingOf(place)).toBe(encodings[form]);
    expect([entries.startOf(place), entries.endOf(place)]).toEqual([start, start + length]);
    start += length;
  }
  expect([entries.end, entries.length]).toEqual([start, expected.length]);
}

test('Entries give back whatever key, uid and resource version they were given, also when they have moved', () => {
  fc.assert(
    fc.property(fc.array(names, { maxLength: 40 }), fc.boolean(), (all, isClosed) => {
      const entries = new Entries<unknown>(0);
      const moved = new Entries<unknown>(8);
      for (const [place, each] of all.entries()) entries.add(itemOf(each), entries.end + each.length, 7 + place);
      if (isClosed) entries.close();
      check(entries, all);
      const turned = all.toReversed();
      for (const [index, each] of turned.entries()) {
        moved.addFrom(entries, all.length - 1 - index, moved.end + each.length);
      }
      check(moved, turned);
      for (const place of all.keys()) {
        expect([entries.slotOf(place), moved.slotOf(all.length - 1 - place)]).toEqual([7 + place, 7 + place]);
        expect([entries.recentOf(place), moved.recentOf(place)]).toEqual([0, 0]);
        entries.leave(place);
        entries.setRecent(place, 1 + place);
      }
      for (const place of all.keys()) {
        expect([entries.slotOf(place) < 0, entries.recentOf(place)]).toEqual([true, 1 + place]);
        expect([moved.slotOf(all.length - 1 - place), moved.recentOf(place)]).toEqual([7 + place, 0]);
      }
      for (const [place, { key, uid, resourceVersion }] of all.entries()) {
        expect(entries.hasKey(place, encodeKey(`${key}x`))).toBe(false);
        expect(entries.hasKey(place, encodeKey(''))).toBe(false);
        for (const [other, each] of turned.entries()) {
          expect(entries.hasKey(place, encodeKey(each.key))).toBe(key === each.key);
          expect(moved.hasKey(other, encodeKey(key))).toBe(key === each.key);
          expect(entries.hasUidOf(place, moved, other)).toBe(uid === each.uid);
          expect(entries.hasVersionOf(place, moved, other)).toBe(resourceVersion === each.resourceVersion);
        }
      }
      check(entries, all);
    }),
    { numRuns: 2_000 },
  );
});

test('Entries tell a uid of zeros from none, and a version of zero from none', () => {
  const entries = new Entries<unknown>(1);
  const zeros = { uid: '00000000-0000-0000-0000-000000000000', resourceVersion: '0' };
  for (const names of [zeros, { uid: '', resourceVersion: '' }]) {
    entries.add(itemOf({ key: 'a', ...names, form: 0, length: 1, inBytes: false }), entries.end + 1, 0);
  }
  expect([entries.uidOf(0), entries.uidOf(1)]).toEqual([zeros.uid, '']);
  expect([entries.resourceVersionOf(0), entries.resourceVersionOf(1)]).toEqual(['0', '']);
  expect([entries.hasUidOf(0, entries, 1), entries.hasUidOf(1, entries, 0)]).toEqual([false, false]);
  expect([entries.hasVersionOf(0, entries, 1), entries.hasVersionOf(1, entries, 1)]).toEqual([false, true]);
});
