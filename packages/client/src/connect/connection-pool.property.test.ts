import { FakeClock } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectionPools, type Connections, type PoolLease } from './connection-pool.ts';
import type { ConnectionIdentity } from './dispatcher.ts';
import type { Undici } from './undici.ts';

/** Dispatchers that note their end. */
class FakeAgent {
  isDestroyed = false;

  async destroy(): Promise<void> {
    expect(this.isDestroyed).toBe(false);
    this.isDestroyed = true;
  }
}

const undici = { Agent: FakeAgent, buildConnector: () => () => {} } as unknown as Undici;
const clock = new FakeClock();
const identities = ['a', 'b', 'c'].map(
  (ca): ConnectionIdentity => ({ url: new URL('https://host'), http2: true, connectTimeoutMs: 1, tls: { ca }, clock }),
);

interface Held {
  readonly lease: PoolLease;
  readonly identity: number;
  /** Requests under way, as transports count them. */
  readonly requests: Connections[];
  isReleased: boolean;
}

const pick = fc.nat(1_000);
const step = fc.oneof(
  fc.record({ do: fc.constant('lease' as const), which: pick }),
  fc.record({ do: fc.constantFrom('take', 'giveBack', 'retire', 'release', 'wait'), which: pick }),
);

/** @param isForgetful Releases a lease as often as it is asked to: the planted bug. */
async function check(
  seedSteps: fc.Arbitrary<readonly { do: string; which: number }[]>,
  isForgetful = false,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(seedSteps, async (steps) => {
      const pools = new ConnectionPools();
      const held: Held[] = [];
      const all = new Map<Connections, { readonly identity: number }>();
      const agentOf = ({ dispatcher }: Connections): FakeAgent => dispatcher as unknown as FakeAgent;
      const live = (): Held[] => held.filter(({ isReleased }) => !isReleased);
      const usersOf = (identity: number): number => live().filter((each) => each.identity === identity).length;
      for (const { do: action, which } of steps) {
        const identity = which % identities.length;
        const one = live()[which % Math.max(1, live().length)];
        if (action === 'lease') {
          const lease = pools.lease(undici, identities[identity] as ConnectionIdentity);
          held.push({ lease, identity, requests: [], isReleased: false });
        } else if (action === 'wait') await clock.advance(500);
        else if (one && action === 'take') {
          const connections = one.lease.pool.take();
          all.set(connections, one);
          one.requests.push(connections);
          expect(agentOf(connections).isDestroyed).toBe(false);
        } else if (one && action === 'giveBack') {
          const connections = one.requests.pop();
          if (connections) one.lease.pool.giveBack(connections);
        } else if (one && action === 'retire') one.lease.pool.retire();
        else if (one && action === 'release') {
          for (const connections of one.requests.splice(0)) one.lease.pool.giveBack(connections);
          await one.lease.release();
          if (isForgetful) held.find((each) => each !== one && each.identity === one.identity)?.lease.release();
          else await one.lease.release();
          one.isReleased = true;
        }
        expect(pools.size).toBe(new Set(live().map((each) => each.identity)).size);
        for (const [connections, { identity: of }] of all) {
          const { isDestroyed } = agentOf(connections);
          if (connections.active > 0 || usersOf(of) === 0) expect(isDestroyed).toBe(usersOf(of) === 0);
        }
        for (let of = 0; of < identities.length; of++) {
          const idle = [...all].filter(
            ([each, owner]) => owner.identity === of && each.active === 0 && !agentOf(each).isDestroyed,
          );
          expect(idle.length).toBeLessThanOrEqual(1);
        }
      }
      for (const each of live()) await each.lease.release();
      expect(pools.size).toBe(0);
      for (const connections of all.keys()) expect(agentOf(connections).isDestroyed).toBe(true);
    }),
    { numRuns: 1_000 },
  );
}

const histories = fc.array(step, { minLength: 40, maxLength: 80 });

test('ConnectionPools has one pool per identity in use, and ends connections with their last user or, retired, with their last request', async () => {
  await check(histories);
}, 30_000);

test('the property finds a lease that counts twice', async () => {
  await expect(check(histories, true)).rejects.toThrow(/Property failed/);
}, 30_000);
