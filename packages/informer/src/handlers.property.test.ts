import { compareResourceVersions } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { ListWatch } from '@bowline/listwatch';
import { FakeItemServer } from '@bowline/listwatch/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Widget } from './informer.fixture.ts';
import type { Handler } from './ports.ts';
import type { HandlerRegistration } from './registration.ts';
import { SharedInformer } from './shared-informer.ts';

/** What one handler knows; notes what cannot be. */
class View implements Handler<Widget> {
  readonly known: Map<string, string> = new Map();
  readonly complaints: string[] = [];
  registration: HandlerRegistration | undefined;
  readonly #forgetsAdditions: boolean;

  constructor(forgetsAdditions: boolean) {
    this.#forgetsAdditions = forgetsAdditions;
  }

  onAdd({ metadata }: Widget, { initial }: { readonly initial: boolean }): void {
    this.#note(!this.known.has(metadata.name), `added twice: ${metadata.name}`);
    if (this.#forgetsAdditions && !initial && this.known.size > 2) return;
    this.known.set(metadata.name, metadata.resourceVersion);
  }

  onUpdate(_old: Widget, { metadata }: Widget): void {
    const before = this.known.get(metadata.name);
    this.#note(
      before !== undefined && compareResourceVersions(metadata.resourceVersion, before) >= 0,
      `updated but unknown, or went back: ${metadata.name}`,
    );
    this.known.set(metadata.name, metadata.resourceVersion);
  }

  onDelete({ metadata }: Widget): void {
    this.#note(this.known.delete(metadata.name), `deleted but unknown: ${metadata.name}`);
  }

  #note(ok: boolean, complaint: string): void {
    if (!ok) this.complaints.push(complaint);
    if (this.registration?.isRemoved) this.complaints.push('called after its removal');
  }
}

const STEPS = 250;
const RUNS = 220;
const step = fc.record({
  do: fc.constantFrom('put', 'put', 'put', 'delete', 'add', 'remove', 'break', 'settle'),
  which: fc.nat(9),
});

const count = { steps: 0 };

/** Handlers come and go while objects do. @returns what does not fit together */
async function live(
  seed: number,
  steps: readonly { do: string; which: number }[],
  planted: boolean,
): Promise<string[]> {
  const clock = new FakeClock();
  const server = new FakeItemServer();
  const informer = new SharedInformer<Widget>({
    source: new ListWatch(server, Widget),
    clock,
    random: seededRandom(seed),
  });
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  const views: View[] = [];
  for (const { do: action, which } of steps) {
    count.steps++;
    const name = `w${which}`;
    if (action === 'put') server.put(Widget, { metadata: { name } });
    else if (action === 'delete') server.delete(Widget, name);
    else if (action === 'break') server.breakWatches();
    else if (action === 'settle') await clock.settle();
    else if (action === 'remove') views[which % Math.max(1, views.length)]?.registration?.remove();
    else if (views.filter(({ registration }) => !registration?.isRemoved).length < 12) {
      const view = new View(planted);
      view.registration = informer.addHandler(view, { maxPending: which === 0 ? 1 : 1_000 });
      views.push(view);
    }
  }
  await clock.advance(300_000);
  const contents = new Map(server.objects(Widget).map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  const complaints = views.flatMap((view) => view.complaints);
  for (const { registration, known } of views) {
    if (registration?.isRemoved) continue;
    const same = known.size === contents.size && [...contents].every(([key, version]) => known.get(key) === version);
    if (!same) complaints.push('a handler ends at another state than the server');
  }
  stop.abort();
  await running;
  if (clock.pending > 0 || server.openWatches > 0) complaints.push('something is left');
  return complaints;
}

const histories = [fc.nat(), fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' })] as const;

test('SharedInformer is Truthful to handlers that come and go at random, and silent to those that are removed', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(...histories, async (seed, steps) => {
      expect(await live(seed, steps, false)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  console.log(`SharedInformer with handlers at random: ${count.steps.toLocaleString('en-US')} random steps`);
  expect(count.steps).toBeGreaterThanOrEqual(50_000);
});

test('SharedInformer handlers: a handler that loses an addition is found', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(...histories, async (seed, steps) => (await live(seed, steps, true)).length === 0);
  expect((await fc.check(property, { numRuns: 20, seed: 1, endOnFailure: true })).failed).toBe(true);
});
