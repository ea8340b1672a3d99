import { FakeClock, RecordingMetrics } from '@bowline/apimachinery/testing';
import { expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';

const configMaps = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  scope: 'Namespaced',
  kind: 'ConfigMap',
} as const;

test('Client counts requests, retries, latency, sizes and waits under the names of client-go (Measured)', async () => {
  const transport = new FakeTransport();
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  const rateLimit = { qps: 0.1, burst: 2 };
  const client = createClient(
    { cluster: { server: 'https://kube.test:6443' } },
    { transport, clock, metrics, rateLimit },
  );
  const creating = client.create(configMaps, { metadata: { namespace: 'x', name: 'a' } });
  const first = await transport.next();
  await clock.advance(250);
  first.respond({ status: 503, headers: { 'retry-after': '1' }, body: 'busy' });
  await clock.settle();
  await clock.advance(1_000);
  (await transport.next()).respond({ status: 201, body: '{"kind":"ConfigMap"}' });
  await creating;
  const reading = client.get(configMaps, { namespace: 'x', name: 'a' });
  await clock.advance(10_000);
  (await transport.next()).fail('ECONNREFUSED');
  await expect(reading).rejects.toThrow('refused');

  const host = 'kube.test:6443';
  const total = (method: string, code: string): number | undefined =>
    metrics.value('rest_client_requests_total', { code, method, host });
  expect([total('POST', '503'), total('POST', '201'), total('GET', '<error>')]).toEqual([1, 1, 1]);
  expect(metrics.value('rest_client_request_retries_total', { code: '503', verb: 'POST', host })).toBe(1);
  const observed = (name: string, verb: string) => metrics.observations(`rest_client_${name}`, { verb, host });
  expect(observed('request_duration_seconds', 'POST')).toEqual([0.25, 0]);
  expect(observed('rate_limiter_duration_seconds', 'POST')).toEqual([0, 0]);
  expect(observed('rate_limiter_duration_seconds', 'GET')).toEqual([8.75]);
  expect(observed('request_size_bytes', 'POST')?.[0]).toBeGreaterThan(50);
  expect(observed('response_size_bytes', 'POST')).toEqual([4, 20]);
});

test('createClient refuses metrics that are no registry', () => {
  expect(() => createClient({ cluster: { server: 'https://x' } }, { metrics: {} as never })).toThrow(
    'metrics must be a metrics registry',
  );
});
