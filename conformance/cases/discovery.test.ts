import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Discovery, formatApiResources } from '@bowline/discovery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExposedServer, expose } from '../src/exposed-server.ts';
import { kubectlPath } from '../src/kubectl.ts';
import { eventually, useWorld } from '../src/world.ts';

const world = useWorld();
let server: ExposedServer;
let home = '';

beforeAll(async () => {
  server = await expose(world().env);
  home = mkdtempSync(join(tmpdir(), 'bowline-kubectl-'));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  if (home !== '') rmSync(home, { recursive: true });
});

/** What kubectl prints. */
async function kubectl(...args: string[]): Promise<string> {
  const all = ['--kubeconfig', server.kubeconfigPath, '--cache-dir', join(home, 'cache'), ...args];
  const { stdout } = await promisify(execFile)(kubectlPath(), all, {
    env: { HOME: home, PATH: '' },
    maxBuffer: 1 << 24,
  });
  return stdout;
}

const discovery = (): Discovery => new Discovery({ client: world().env.client });

test('Discovery lists the same versions as kubectl api-versions', async () => {
  expect(`${(await discovery().apiVersions()).join('\n')}\n`).toBe(await kubectl('api-versions'));
});

test.each([
  ['', {}, {}],
  ['-o wide', {}, { wide: true }],
  ['--namespaced=false', { namespaced: false }, {}],
  ['--api-group=apps', { group: 'apps' }, {}],
  ['--verbs=deletecollection,watch', { verbs: ['deletecollection', 'watch'] }, {}],
  ['--categories=all', { categories: ['all'] }, {}],
  ['--sort-by=kind', { sortBy: 'kind' }, {}],
  ['--no-headers', {}, { headers: false }],
] as const)('Discovery prints the same as kubectl api-resources %s', async (flags, filter, format) => {
  const ours = formatApiResources(await discovery().apiResources(filter), format);
  expect(ours).toBe(await kubectl('api-resources', ...flags.split(' ').filter((flag) => flag !== '')));
});

test('Discovery finds a kind that appeared after it was read, and resolves every spelling of it', async () => {
  const { client } = world().env;
  const known = discovery();
  await known.resources();
  const definitions = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    resource: 'customresourcedefinitions',
    scope: 'Cluster',
  } as const;
  await client.create(definitions, {
    metadata: { name: 'boats.harbour.example.com' },
    spec: {
      group: 'harbour.example.com',
      scope: 'Namespaced',
      names: { plural: 'boats', singular: 'boat', kind: 'Boat', shortNames: ['bt'], categories: ['all'] },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  await eventually('boats are discovered', async () => {
    known.invalidate();
    return known.resolve('boats');
  });
  for (const spelling of ['boats', 'boat', 'bt', 'Boat', 'boats.harbour.example.com', 'boats.v1.harbour.example.com'])
    expect(await known.resolve(spelling)).toMatchObject({
      group: 'harbour.example.com',
      version: 'v1',
      resource: 'boats',
      scope: 'Namespaced',
    });
  expect(formatApiResources(await known.apiResources({ group: 'harbour.example.com' }))).toBe(
    await kubectl('api-resources', '--api-group=harbour.example.com'),
  );
});

test.each(['deploy', 'deployments.apps', 'Deployment', 'deployments.v1.apps'])(
  'Discovery resolves %s',
  async (spelling) => {
    expect(await discovery().resolve(spelling)).toMatchObject({
      group: 'apps',
      version: 'v1',
      resource: 'deployments',
      kind: 'Deployment',
    });
  },
);

test('Discovery says what is near to a spelling that means nothing', async () => {
  await expect(discovery().resolve('deploymnts')).rejects.toMatchObject({
    code: 'DISCOVERY_NO_MATCH',
    message: expect.stringContaining('deployments'),
  });
});
