import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test, vi } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import type { ItemScan } from './item-scan.ts';
import { ListSplitter } from './list-splitter.ts';
import { CountedScan } from './scan-history.fixture.ts';
import { SplitItem } from './split-item.ts';
import { type Dice, pick, viewsDiffer } from './views.fixture.ts';

const shared: { scan: ItemScan | undefined } = vi.hoisted(() => ({ scan: undefined }));
vi.mock('./item-scan.ts', async (original) => ({ ...(await original<object>()), itemScan: () => shared.scan }));

const seed = process.env.BOWLINE_SEED ?? String(Date.now());
const limits = { maxItemBytes: 1 << 22, maxDepth: 100 };

type Thing = { readonly metadata: { readonly name: string; readonly namespace: string } };

const texts = ['x', '}}\n', '\0', 'é', '"'];
const sizes = [0, 0, 7, 60, 400, 400, 2_000];
/** At the limits of what is scanned at once. */
const largeSizes = [70_000, (1 << 19) - 300, 1 << 19, (1 << 20) - 300, 1 << 20];

/** What one connection brings: a list, or events of a watch. */
class Stream {
  readonly #objects: readonly Thing[];
  readonly #bytes: Buffer;
  readonly #chunkBytes: number;
  readonly #push: (chunk: Buffer) => readonly unknown[];
  readonly #items: SplitItem<Thing>[] = [];
  #at = 0;

  constructor(namespace: string, dice: Dice) {
    this.#objects = Array.from({ length: 1 + dice(8) }, (_, index) => {
      const isLarge = dice(60) === 0;
      const text = isLarge ? 'x'.repeat(pick(largeSizes, dice)) : pick(texts, dice).repeat(pick(sizes, dice));
      const metadata = { name: `${index}`, namespace, resourceVersion: `${dice(1_000)}` };
      return { apiVersion: 'v1', kind: 'Thing', metadata, spec: { text, more: [dice(10), {}, []] } };
    });
    const isList = dice(2) === 0;
    const objects = this.#objects.map((object) => JSON.stringify(object));
    const lines = objects.map((object) => `{"type":"ADDED","object":${object}}\n`);
    this.#bytes = Buffer.from(isList ? `{"kind":"ThingList","items":[${objects.join()}]}` : lines.join(''));
    this.#chunkBytes = this.#bytes.length > 60_000 ? pick([16_384, 65_536, 2_000_000], dice) : pick([64, 512], dice);
    if (isList) {
      const splitter = new ListSplitter<Thing>(limits);
      this.#push = (chunk) => {
        splitter.push(chunk);
        return [...splitter.items.splice(0), ...splitter.undecodable];
      };
    } else {
      const splitter = new FrameSplitter<Thing>(limits);
      this.#push = (chunk) => splitter.push(chunk).map((frame) => ('item' in frame ? frame.item : frame));
    }
  }

  /** A chunk comes. @returns whether more will come. */
  next(): boolean {
    const chunk = Buffer.from(this.#bytes.subarray(this.#at, this.#at + this.#chunkBytes));
    this.#at += chunk.length;
    for (const item of this.#push(chunk)) {
      if (!(item instanceof SplitItem)) throw new Error(`${this.#items.length}: no item`);
      this.#items.push(item);
    }
    return this.#at < this.#bytes.length;
  }

  /** @throws when an item is not what was sent. */
  check(dice: Dice): void {
    expect(this.#items.length).toBe(this.#objects.length);
    for (const [index, item] of this.#items.entries()) {
      const object = this.#objects[index] as Thing;
      expect(item.key).toBe(`${object.metadata.namespace}/${object.metadata.name}`);
      expect(viewsDiffer(item, object, dice)).toBeUndefined();
    }
  }
}

/** Lists and watches whose chunks come in turns. */
function interleaved(runs: number): void {
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(`${seed} ${run}`);
    const dice: Dice = (below) => Math.floor(random.next() * below);
    const streams = Array.from({ length: 2 + dice(3) }, (_, index) => new Stream(`from-${index}`, dice));
    const open = [...streams];
    while (open.length > 0) {
      const index = dice(open.length);
      if (!open[index]?.next()) open.splice(index, 1);
    }
    for (const stream of streams) stream.check(dice);
  }
}

test(`lists and watches share the memory of WebAssembly, and each gets its own objects (BOWLINE_SEED=${seed})`, {
  timeout: 30_000,
}, () => {
  const counted = new CountedScan();
  shared.scan = counted;
  interleaved(200);
  expect(counted.scanned).toBeGreaterThan(500);
});

test('a scan that takes a window for another one of the same length is found', () => {
  class MistakenScan extends CountedScan {
    #last: Uint8Array = new Uint8Array(0);

    override scan(window: Uint8Array, from: number, end: number, maxDepth: number): number {
      if (window.length !== this.#last.length) this.#last = window;
      return super.scan(this.#last, from, end, maxDepth);
    }
  }
  shared.scan = new MistakenScan();
  expect(() => interleaved(2_000)).toThrow(); // with the first run that finds it: 50 were too few once
});
