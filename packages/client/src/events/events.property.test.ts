import type { Kind, KubernetesObject, ObjectKey } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClientError } from '../errors.ts';
import { EventBroadcaster } from './event-broadcaster.ts';
import { FakeSink } from './events.fixture.ts';
import type { EventApi } from './options.ts';

type Step =
  | { readonly type: 'record'; readonly object: number; readonly reason: number; readonly note: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'fail'; readonly times: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('record' as const),
        object: fc.nat(2),
        reason: fc.nat(1),
        note: fc.nat(15),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 1, 9_000, 60_000, 360_000, 700_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 3 }) }) },
  ),
  { minLength: 60, maxLength: 140, size: 'max' },
);

/** Says yes to every third patch and forgets it. */
class CarelessSink extends FakeSink {
  #patches = 0;

  override patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: { readonly type: 'strategic'; readonly body: object },
  ): Promise<T> {
    if (++this.#patches % 3 === 0) return Promise.resolve(patch.body as T);
    return super.patch(kind, key, patch);
  }
}

/** How often something is said to have happened to each object for each reason, after a history and an end in peace. */
async function told(
  api: EventApi,
  history: readonly Step[],
  makeSink: (clock: FakeClock) => FakeSink,
): Promise<{ told: Record<string, number>; happened: Record<string, number>; left: number }> {
  const clock = new FakeClock(1e12);
  const sink = makeSink(clock);
  const events = new EventBroadcaster({ clock, random: seededRandom('property') });
  const patient = { api, maxTries: 1_000 }; // What is given up, or cut short, is not told.
  events.startRecordingToSink(sink, api === 'v1' ? { ...patient, correlator: { burst: 1_000_000 } } : patient);
  const recorder = events.newRecorder({ controller: 'c' });
  const happened: Record<string, number> = {};
  for (const step of history) {
    if (step.type === 'record') {
      const [name, reason] = [`o${step.object}`, `R${step.reason}`];
      recorder.event({ kind: 'Pod', namespace: 'n', name }, { reason, note: `note ${step.note}` });
      happened[`${name} ${reason}`] = (happened[`${name} ${reason}`] ?? 0) + 1;
    } else if (step.type === 'wait') await clock.advance(step.ms);
    else {
      for (let i = 0; i < step.times; i++)
        sink.failures.push(new ClientError('lost', { code: 'CLIENT_CONNECTION_FAILED' }));
    }
  }
  sink.failures.length = 0;
  await clock.advance(20_000);
  await events.close();
  const sums: Record<string, number> = {};
  for (const { involvedObject, regarding = involvedObject, reason, count, series } of sink.stored.values()) {
    const key = `${regarding.name} ${reason}`;
    sums[key] = (sums[key] ?? 0) + (count ?? series?.count ?? 1);
  }
  return { told: sums, happened, left: clock.pending };
}

/** Of 60 steps at least. */
const RUNS = 850;

test.each(['v1', 'events.k8s.io/v1'] as const)(
  'EventBroadcaster on %s tells of each event once, whatever repeats, waits and fails',
  async (api) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        count += history.length;
        const { told: sums, happened, left } = await told(api, history, (clock) => new FakeSink(clock));
        expect(sums).toEqual(happened);
        expect(left).toBe(0);
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(50_000);
  },
);

test.each(['v1', 'events.k8s.io/v1'] as const)('the property finds a sink of %s that forgets patches', async (api) => {
  const property = fc.asyncProperty(steps, async (history) => {
    const { told: sums, happened } = await told(api, history, (clock) => new CarelessSink(clock));
    return JSON.stringify(Object.entries(sums).sort()) === JSON.stringify(Object.entries(happened).sort());
  });
  expect((await fc.check(property, { numRuns: 50, seed: 1, endOnFailure: true })).failed).toBe(true);
});
