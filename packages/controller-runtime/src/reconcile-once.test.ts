import { defineKind } from '@bowline/apimachinery';
import { fixedRandom, RecordingLogger } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import { reconcileOnce } from './reconcile-once.ts';

const Thing = defineKind({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  resource: 'things',
  scope: 'Namespaced',
});
const key = { namespace: 'default', name: 'a' };

test('reconcileOnce runs a reconciler against a server without a cache, and says how it ended', async () => {
  const client = new FakeCluster();
  client.server.put(Thing, { metadata: key });
  const outcome = await reconcileOnce(
    async (context) => {
      const thing = await context.client.get(Thing, context.key);
      await context.client.delete(Thing, context.key);
      return { requeueAfterMs: thing ? 5 : 1 };
    },
    { client, key },
  );
  expect(outcome).toEqual({ type: 'requeue_after', afterMs: 5 });
  expect(client.server.objects(Thing)).toEqual([]);
});

test('reconcileOnce gives the error of a reconciler, and what it logged', async () => {
  const logger = new RecordingLogger();
  const error = new Error('boom');
  const cause = { type: 'generic', kind: 'test' } as const;
  const outcome = await reconcileOnce(
    ({ log, causes }) => {
      log.info({ causes }, 'Seen');
      throw error;
    },
    { client: new FakeCluster(), key, logger, causes: [cause], random: fixedRandom(0) },
  );
  expect(outcome).toEqual({ type: 'error', error });
  expect(logger.lines[0]?.fields).toMatchObject({ namespace: 'default', name: 'a', causes: [cause] });
});
