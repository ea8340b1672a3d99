import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@bowline/client';
import { Discovery, formatApiResources, kubectlCache } from '@bowline/discovery';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { kubectlPath } from '../src/kubectl.ts';
import { type ObservedServer, observe } from '../src/observed-server.ts';
import { useWorld } from '../src/world.ts';

const world = useWorld();
let server: ObservedServer;
/** The cache that kubectl and we share; each test begins with an empty one. */
let directory = '';

beforeAll(async () => {
  server = await observe(world().env.client);
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bowline-shared-cache-'));
  server.take();
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What kubectl prints. */
async function kubectl(...args: string[]): Promise<string> {
  const all = ['--kubeconfig', server.kubeconfigPath, '--cache-dir', directory, ...args];
  const { stdout } = await promisify(execFile)(kubectlPath(), all, {
    env: { HOME: directory, PATH: '' },
    maxBuffer: 1 << 24,
  });
  return stdout;
}

/** Works with a discovery on the shared cache, as a new process has it. */
async function withDiscovery<T>(work: (discovery: Discovery) => Promise<T>): Promise<T> {
  await using client = createClient({ cluster: { server: server.url } });
  return await work(new Discovery({ client, cache: kubectlCache({ server: server.url, directory }) }));
}

/** What `kubectl api-resources` should print, read from the server without a cache. */
async function expected(): Promise<string> {
  return formatApiResources(await new Discovery({ client: world().env.client }).apiResources());
}

test('kubectl reads what kubectlCache has written, and asks the server for no discovery document', async () => {
  await withDiscovery((discovery) => discovery.resources());
  expect(server.take()).toEqual(['/api 200', '/apis 200']);
  expect(await kubectl('api-resources', '--cached')).toBe(await expected());
  expect(server.take()).toEqual([]);
  expect(await kubectl('get', 'deploy', '-n', 'default', '-o', 'name')).toBe('');
  expect(server.take()).toEqual(['/apis/apps/v1/namespaces/default/deployments 200']);
});

test('kubectlCache reads what kubectl has written, and asks the server for nothing', async () => {
  await kubectl('api-resources');
  expect(server.take()).toEqual(['/api 200', '/apis 200']);
  const [resources, groups, deployments] = await withDiscovery((discovery) =>
    Promise.all([discovery.resources(), discovery.groups(), discovery.resolve('deploy')]),
  );
  expect(server.take()).toEqual([]);
  const fresh = new Discovery({ client: world().env.client });
  expect(resources).toEqual(await fresh.resources());
  expect(groups).toEqual(await fresh.groups());
  expect(deployments).toMatchObject({ group: 'apps', version: 'v1', resource: 'deployments' });
});

test('kubectl asks by the entity tags that kubectlCache has kept, and is told that nothing has changed', async () => {
  await withDiscovery((discovery) => discovery.resources());
  server.take();
  expect(await kubectl('api-resources')).toBe(await expected());
  expect(server.take()).toEqual(['/api 304', '/apis 304']);
});

test('kubectlCache asks by the entity tags that kubectl has kept, and is told that nothing has changed', async () => {
  await kubectl('api-resources');
  server.take();
  expect(await withDiscovery(async (discovery) => formatApiResources(await discovery.apiResources()))).toBe(
    await expected(),
  );
  expect(server.take()).toEqual(['/api 304', '/apis 304']);
});

test('kubectl and kubectlCache take turns: each reads what the other has written over its own', async () => {
  const printed = await expected();
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await kubectl('api-resources')).toBe(printed);
    expect(await withDiscovery(async (discovery) => formatApiResources(await discovery.apiResources()))).toBe(printed);
    expect(await kubectl('api-resources', '--cached')).toBe(printed);
  }
  expect([...new Set(server.take())]).toEqual(['/api 200', '/api 304', '/apis 200', '/apis 304']);
});
