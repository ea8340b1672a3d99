import { systemClock } from '@bowline/apimachinery';
import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { limits } from './fuzz.fixture.ts';
import { fuzzJsonList, fuzzJsonWatch } from './fuzz-json.fixture.ts';
import { fuzzProtobufList, fuzzProtobufWatch } from './fuzz-protobuf.fixture.ts';
import { JsonEncoding } from './json-encoding.ts';
import { BACKSLASH } from './json-tokens.ts';
import { ListSplitter } from './list-splitter.ts';
import { NamedItem } from './split-item.ts';
import type { Dice } from './views.fixture.ts';

/** Inputs of all tests together. `npm run fuzz` takes 10,000,000. */
const inputs = Number(process.env.BOWLINE_FUZZ ?? 200_000);
const seed = process.env.BOWLINE_SEED ?? String(Date.now());

// Most broken inputs end in an error, whose stack nobody reads.
Error.stackTraceLimit = 0;

function diceOf(number: number): Dice {
  const random = seededRandom(`${seed} ${number}`);
  return (below) => Math.floor(random.next() * below);
}

/** After so many inputs the loop rests: only then are all their buffers freed. */
const ROUND = 10_000;

/** The first input that goes wrong. */
async function firstFailure(fuzz: (dice: Dice) => string | undefined, count: number): Promise<string | undefined> {
  for (let number = 0; number < count; number++) {
    if (number % ROUND === 0) await systemClock.turn();
    const wrong = fuzz(diceOf(number));
    if (wrong !== undefined) return `BOWLINE_SEED=${seed}, input ${number}: ${wrong}`;
  }
  return undefined;
}

test.each([
  { name: 'JSON lists', share: 0.35, fuzz: fuzzJsonList },
  { name: 'JSON watch streams', share: 0.35, fuzz: fuzzJsonWatch },
  { name: 'protobuf lists', share: 0.15, fuzz: fuzzProtobufList },
  { name: 'protobuf watch streams', share: 0.15, fuzz: fuzzProtobufWatch },
])(
  'random $name, sound and broken, give what their decoder gives, however they are cut and read (Same as JSON.parse)',
  { timeout: 0 },
  async ({ fuzz, share }) => {
    expect(await firstFailure((dice) => fuzz(dice), inputs * share)).toBeUndefined();
  },
);

test('a splitter that loses a byte where a chunk ends within an escape sequence is found', async () => {
  const found = await firstFailure((dice) => {
    const splitter = new ListSplitter<unknown>(limits);
    return fuzzJsonList(dice, {
      items: splitter.items,
      undecodable: splitter.undecodable,
      push: (chunk) => splitter.push(chunk.at(-1) === BACKSLASH ? chunk.subarray(0, -1) : chunk),
      end: () => splitter.end(),
    });
  }, 5_000);
  expect(found).toContain('BOWLINE_SEED');
});

test('an item that does not see keys with escape sequences is found', async () => {
  class Hasty extends JsonEncoding<unknown> {
    override read(bytes: Buffer, start: number, end: number, path: readonly string[]): unknown {
      const isThere = path.length !== 1 || bytes.toString('utf8', start, end).includes(`${path[0]}`);
      return isThere ? super.read(bytes, start, end, path) : undefined;
    }
  }
  const found = await firstFailure((dice) => {
    const splitter = new ListSplitter<unknown>(limits);
    return fuzzJsonList(dice, {
      get items() {
        return splitter.items.map(
          ({ key, uid, resourceVersion, encoding, bytes, start, end }) =>
            new NamedItem(
              key,
              uid,
              resourceVersion,
              new Hasty((encoding as JsonEncoding<unknown>).type),
              bytes,
              start,
              end,
            ),
        );
      },
      undecodable: splitter.undecodable,
      push: (chunk) => splitter.push(chunk),
      end: () => splitter.end(),
    });
  }, 5_000);
  expect(found).toContain('read(');
});
