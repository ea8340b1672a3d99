import { ConfigMap, Event as CoreEvent } from '@bowline/api/core/v1';
import { Event } from '@bowline/api/events/v1';
import { EventBroadcaster, eventFieldSelector } from '@bowline/client/events';
import { expect, test } from 'vitest';
import { startWorld } from './world.ts';

const details = { type: 'Warning', reason: 'BackOff', action: 'Restart', note: 'It fell over' } as const;

test.each(['v1', 'events.k8s.io/v1'] as const)(
  'EventBroadcaster writes to a server by %s what both APIs show, under the object it is about',
  async (api) => {
    await using world = await startWorld();
    const { env, clock, ports } = world;
    await using events = new EventBroadcaster(ports);
    events.startRecordingToSink(env.client, { api });
    const recorder = events.newRecorder({ controller: 'example.com/web-operator' });
    const object = await env.client.create(ConfigMap, { metadata: { namespace: 'default', name: 'web' } });
    const other = await env.client.create(ConfigMap, { metadata: { namespace: 'default', name: 'other' } });
    for (let i = 0; i < 3; i++) {
      recorder.event(object, details);
      await clock.advance(1_000);
    }
    recorder.event(other, details);
    recorder.event({ kind: 'Node', apiVersion: 'v1', name: 'n' }, details);
    await events.close();
    const { metadata } = object;
    const regarding = { kind: ConfigMap, name: 'web', ...(metadata.uid && { uid: metadata.uid }) };
    const core = await env.client.list(CoreEvent, { fieldSelector: eventFieldSelector('v1', regarding) });
    const modern = await env.client.list(Event, { fieldSelector: eventFieldSelector('events.k8s.io/v1', regarding) });
    expect(core.items).toMatchObject([
      { involvedObject: { uid: metadata.uid }, type: 'Warning', message: details.note },
    ]);
    expect(modern.items).toMatchObject([{ regarding: { uid: metadata.uid }, reason: 'BackOff', note: details.note }]);
    if (api === 'v1') expect(core.items).toMatchObject([{ count: 3 }]);
    else expect(modern.items).toMatchObject([{ action: 'Restart', series: { count: 3 } }]);
    expect((await env.client.list(CoreEvent, { namespace: 'default' })).items).toHaveLength(3);
  },
);
