import { defineKind, type KubernetesObject } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { describe, expect, test } from 'vitest';
import type { Client } from './client.ts';
import { createClient } from './create-client.ts';
import { FakeTransport } from './fake-transport.ts';
import type { WriteDefaults } from './request/client-core.ts';

// What controller-runtime's tests of its field owner, field validation and dry run clients show; docs/scenarios/controller-runtime.md says which.

const Web = defineKind<KubernetesObject>({
  group: 'example.com',
  version: 'v1',
  kind: 'Web',
  resource: 'webs',
  scope: 'Namespaced',
  subresources: ['status', 'scale'],
});
const key = { namespace: 'default', name: 'a' };
const draft = { metadata: key };
const patch = { type: 'merge', body: {} } as const;

type Write = (client: Client, options?: WriteDefaults) => Promise<unknown>;

const writes: readonly (readonly [string, Write])[] = [
  ['create', (client, { force: _, ...options } = {}) => client.create(Web, draft, options)],
  ['update', (client, { force: _, ...options } = {}) => client.update(Web, draft, options)],
  ['patch', (client, { force: _, ...options } = {}) => client.patch(Web, key, patch, options)],
  ['apply', (client, options) => client.apply(Web, draft, options)],
  ['updateStatus', (client, { force: _, ...options } = {}) => client.updateStatus(Web, draft, options)],
  ['patchStatus', (client, { force: _, ...options } = {}) => client.patchStatus(Web, key, patch, options)],
  ['applyStatus', (client, options) => client.applyStatus(Web, key, {}, options)],
  ['patchScale', (client, { force: _, ...options } = {}) => client.patchScale(Web, key, patch, options)],
];

/** The query that a write sends. */
async function sent(write: Write, defaults: WriteDefaults, options?: WriteDefaults): Promise<URLSearchParams> {
  const transport = new FakeTransport();
  const client = createClient({ cluster: { server: 'https://fake' } }, { transport, clock: new FakeClock() });
  const writing = write(client.with(defaults), options);
  const exchange = await transport.next();
  exchange.respond({ body: { apiVersion: 'example.com/v1', kind: 'Web', metadata: key } });
  await writing;
  return new URL(exchange.request.path, 'https://fake').searchParams;
}

describe.each(writes)('Client.with, %s', (_, write) => {
  test('Client.with names the field manager of each write, and a call that names another one wins', async () => {
    expect((await sent(write, { fieldManager: 'mine' })).get('fieldManager')).toBe('mine');
    expect((await sent(write, { fieldManager: 'mine' }, { fieldManager: 'other' })).get('fieldManager')).toBe('other');
  });

  test('Client.with asks for strict field validation in each write, and a call that asks for another one wins', async () => {
    const strict = { fieldValidation: 'Strict' } as const;
    expect((await sent(write, strict)).get('fieldValidation')).toBe('Strict');
    expect((await sent(write, strict, { fieldValidation: 'Ignore' })).get('fieldValidation')).toBe('Ignore');
    expect((await sent(write, strict, {})).get('fieldValidation')).toBe('Strict');
  });

  test('Client.with makes each write a dry run, and a call that wants a real one wins', async () => {
    expect((await sent(write, { dryRun: true })).get('dryRun')).toBe('All');
    expect((await sent(write, { dryRun: true }, { dryRun: false })).get('dryRun')).toBeNull();
    expect((await sent(write, {})).get('dryRun')).toBeNull();
  });
});

test('Client.with makes deletions dry runs, too', async () => {
  const transport = new FakeTransport();
  const client = createClient({ cluster: { server: 'https://fake' } }, { transport, clock: new FakeClock() });
  const dry = client.with({ dryRun: true });
  void dry.delete(Web, key);
  void dry.deleteCollection(Web, { namespace: 'default' });
  for (const path of ['/a', '']) {
    const exchange = await transport.next();
    expect(exchange.request.path).toBe(`/apis/example.com/v1/namespaces/default/webs${path}`);
    expect(exchange.json()).toMatchObject({ kind: 'DeleteOptions', dryRun: ['All'] });
    exchange.respond({ body: { kind: 'Status', apiVersion: 'v1', status: 'Success' } });
  }
});
