import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aggregated, crds, plain, type Setup, setUp, world } from './discovery.fixture.ts';
import type { Documents } from './fake-server.ts';
import { type KubectlCacheOptions, kubectlCache } from './kubectl-cache.ts';
import type { DiscoveryOptions } from './options.ts';

const server = 'https://10.0.0.1:6443';
const accept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
/** The age of files is told by this clock, so that tests can make them old. */
let nowMs: number;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bowline-discovery-'));
  nowMs = statSync(directory).mtimeMs;
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A new process: nothing but the files is left of the last one. */
function begin(
  documents: Documents = aggregated(world),
  options: DiscoveryOptions = {},
  cacheOptions: Partial<KubectlCacheOptions> = {},
): Setup {
  const cache = kubectlCache({ server, directory, clock: { now: () => nowMs }, ...cacheOptions });
  const setup = setUp(documents, options, { cache });
  setup.server.tagged = true;
  return setup;
}

const files = (): string[] => globSync('**', { cwd: directory }).sort();
const folder = (): string => join(directory, 'discovery', '10.0.0.1_6443');

describe('Discovery with a kubectlCache', () => {
  test('Kept on disk: a second process asks nothing of the server', async () => {
    const first = begin();
    const expected = await first.discovery.resources();
    const second = begin();
    expect(await second.discovery.resources()).toEqual(expected);
    expect(await second.discovery.groups()).toEqual(await first.discovery.groups());
    expect(second.server.requests).toEqual([]);
    expect([...first.logger.lines, ...second.logger.lines]).toEqual([]);
  });

  test('Kept on disk: files and folders are called and protected as kubectl does', async () => {
    await begin().discovery.resources();
    const http = (path: string): string => createHash('sha256').update(`${server}${path}?timeout=32s`).digest('hex');
    expect(files().filter((file) => statSync(join(directory, file)).isFile())).toEqual(
      [
        'discovery/10.0.0.1_6443/servergroups.json',
        ...Object.keys(world).map((apiVersion) => `discovery/10.0.0.1_6443/${apiVersion}/serverresources.json`),
        `http/${http('/api')}`,
        `http/${http('/apis')}`,
      ].sort(),
    );
    for (const file of files().filter((name) => name !== '.')) {
      const stats = statSync(join(directory, file));
      expect([file, (stats.mode & 0o777).toString(8)]).toEqual([file, stats.isFile() ? '660' : '750']);
    }
  });

  test.each([
    ['https://example.com', 'example.com'],
    ['http://example.com:8080/', 'example.com_8080'],
    ['https://example.com/k8s/clusters/c-1x', 'example.com/k8s/clusters/c_1x'],
    ['https://[::1]:6443', '___1__6443'],
    ['https://example.com/../../etc', 'example.com/__/__/etc'],
  ])('the folder of %s is %s', async (url, name) => {
    await begin(undefined, undefined, { server: url }).discovery.resources();
    expect(existsSync(join(directory, 'discovery', name, 'servergroups.json'))).toBe(true);
  });

  test('a spelling that is not kept is looked for at once, and what is found is kept', async () => {
    await begin().discovery.resources();
    const { discovery, server } = begin(aggregated({ ...world, ...crds }));
    expect(await discovery.resolve('gadgets')).toMatchObject({ apiVersion: 'c.example.com/v1' });
    expect(server.requests).toHaveLength(2);
    const third = begin();
    expect(await third.discovery.resolve('gadgets')).toMatchObject({ kind: 'Gadget' });
    expect(third.server.requests).toEqual([]);
  });

  test('what is older than ttlMs is asked for again', async () => {
    await begin().discovery.resources();
    nowMs += 6 * 60 * 60 * 1_000 - 1_000;
    const within = begin();
    await within.discovery.resources();
    expect(within.server.requests).toEqual([]);
    nowMs += 2_000;
    const beyond = begin();
    await beyond.discovery.resources();
    expect(beyond.server.requests).toHaveLength(2);
    const short = begin(undefined, undefined, { ttlMs: 1 });
    await short.discovery.resources();
    expect(short.server.requests).toHaveLength(2);
  });

  test('Revalidated: what has not changed is not sent again, in this process and the next', async () => {
    const first = begin();
    const expected = await first.discovery.resources();
    first.discovery.invalidate();
    expect(await first.discovery.resources()).toEqual(expected);
    expect(first.server.notModified).toBe(2);
    const second = begin();
    second.discovery.invalidate();
    expect(await second.discovery.resources()).toEqual(expected);
    expect(second.server.requests).toHaveLength(2);
    expect(second.server.notModified).toBe(2);
    second.server.documents = aggregated({ ...world, ...crds });
    await second.clock.advance(1_000);
    expect(await second.discovery.resolve('gadgets')).toMatchObject({ kind: 'Gadget' });
    expect(second.server.notModified).toBe(3); // the core group is what it was
  });

  test('invalidate makes the files unbelievable, until this process has written them', async () => {
    await begin().discovery.resources();
    const { discovery, server } = begin(aggregated({ ...world, ...crds }));
    discovery.invalidate();
    expect(await discovery.resolve('gadgets')).toMatchObject({ kind: 'Gadget' });
    expect(server.requests).toHaveLength(2);
  });

  test('an answer whose digest is wrong, or that was given to another request, is not used', async () => {
    await begin().discovery.resources();
    for (const file of globSync('http/*', { cwd: directory })) {
      const path = join(directory, file);
      const bytes = readFileSync(path);
      if (file.includes(createHash('sha256').update(`${server}/api?timeout=32s`).digest('hex')))
        bytes[0] = (bytes[0] ?? 0) ^ 1;
      else {
        const message = Buffer.from(bytes.subarray(32).toString().replace(accept, 'application/json'));
        writeFileSync(path, Buffer.concat([createHash('sha256').update(message).digest(), message]));
        continue;
      }
      writeFileSync(path, bytes);
    }
    const { discovery, server: again } = begin();
    discovery.invalidate();
    await discovery.resources();
    expect(again.sent.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
    expect(again.notModified).toBe(0);
  });

  test('what kubectl has kept of an answer is used', async () => {
    const body = JSON.stringify(aggregated(world)['/apis']);
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    const head = `HTTP/2.0 200 OK\r\nConnection: close\r\nAudit-Id: 1\r\nEtag: ${etag}\r\nVary: Accept\r\nX-Varied-Accept: ${accept}\r\n\r\n`;
    const message = Buffer.from(head + body);
    await begin().discovery.resources();
    const name = createHash('sha256').update(`${server}/apis?timeout=32s`).digest('hex');
    writeFileSync(
      join(directory, 'http', name),
      Buffer.concat([createHash('sha256').update(message).digest(), message]),
    );
    const { discovery, server: again } = begin();
    discovery.invalidate();
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(again.sent.map(({ headers }) => headers['if-none-match'])).toContain(etag);
  });

  test('a version that could not be read is asked for again by the next process, and nothing else is', async () => {
    const broken = begin({ ...plain(world), '/apis/apps/v1': 503 });
    await broken.discovery.resources();
    expect(existsSync(join(folder(), 'apps/v1/serverresources.json'))).toBe(false);
    const second = begin(plain(world));
    expect(await second.discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(second.server.requests).toEqual(['/apis/apps/v1']);
    expect(second.discovery.failures.size).toBe(0);
    const third = begin(plain(world));
    expect(await third.discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(third.server.requests).toEqual([]);
  });

  test('where much is missing the server is read as a whole', async () => {
    await begin().discovery.resources();
    for (const name of ['v1', 'apps/v1', 'events.k8s.io/v1']) rmSync(join(folder(), name, 'serverresources.json'));
    const { discovery, server } = begin();
    await discovery.resources();
    expect(server.requests).toHaveLength(2);
  });

  test.each(['', '{', '[]', '"x"', '{"kind":"PodList"}'])('a file that holds %o is as good as none', async (text) => {
    const expected = await begin().discovery.resources();
    writeFileSync(join(folder(), 'servergroups.json'), text);
    writeFileSync(join(folder(), 'apps/v1/serverresources.json'), text);
    const { discovery, server } = begin();
    expect(await discovery.resources()).toEqual(expected);
    expect(server.requests).toHaveLength(2);
  });

  test('a cache that cannot be used is logged, and everything works without it', async () => {
    const blocked = join(directory, 'file');
    writeFileSync(blocked, '');
    const { discovery, logger } = begin(undefined, undefined, { directory: blocked });
    expect(await discovery.resolve('deploy')).toMatchObject({ kind: 'Deployment' });
    expect(logger.lines.map(({ message }) => message)).toContain('The discovery cache cannot be used');
    await begin().discovery.resources();
    rmSync(join(folder(), 'servergroups.json'));
    const unreadable = begin(undefined, undefined, { directory: join(directory, 'x'.repeat(300)) });
    expect(await unreadable.discovery.resolve('po')).toMatchObject({ kind: 'Pod' });
    expect(unreadable.logger.lines).not.toEqual([]);
  });

  test('names that would lead out of the folder are not kept', async () => {
    const evil = { ...world, '../../../evil/v1': { traps: { kind: 'Trap' } } };
    const { discovery } = begin(aggregated(evil));
    await discovery.resources();
    expect(files().filter((file) => file.includes('evil'))).toEqual([]);
    expect(existsSync(join(directory, '..', 'evil'))).toBe(false);
  });

  test('a half-written file is never seen: nothing but whole files is left', async () => {
    await Promise.all([begin(), begin(), begin()].map(({ discovery }) => discovery.resources()));
    expect(files().filter((file) => /\.[0-9a-f]{8}-/.test(file))).toEqual([]);
    chmodSync(folder(), 0o750);
    utimesSync(folder(), new Date(nowMs), new Date(nowMs));
    const { discovery, server } = begin();
    await discovery.resources();
    expect(server.requests).toEqual([]);
  });
});

describe('kubectlCache', () => {
  test('goes where KUBECACHEDIR says', async () => {
    const before = process.env.KUBECACHEDIR;
    process.env.KUBECACHEDIR = directory;
    try {
      await kubectlCache({ server }).keepDocument('servergroups.json', { kind: 'APIGroupList' });
    } finally {
      if (before === undefined) delete process.env.KUBECACHEDIR;
      else process.env.KUBECACHEDIR = before;
    }
    expect(existsSync(join(folder(), 'servergroups.json'))).toBe(true);
  });

  test.each<[unknown, string]>([
    [undefined, 'options must be an object, got undefined'],
    [{}, 'server must be a non-empty string, got undefined'],
    [{ server: '' }, 'server must be a non-empty string, got ""'],
    [{ server: 'nowhere' }, 'server must be a URL, got "nowhere"'],
    [{ server, ttlMs: Number.NaN }, 'ttlMs must be more than 0, got NaN'],
    [{ server, ttl: 1 }, 'got "ttl"; did you mean "ttlMs"?'],
  ])('refuses %o', (options, message) => {
    expect(() => kubectlCache(options as KubectlCacheOptions)).toThrow(`Cannot create discovery cache: `);
    expect(() => kubectlCache(options as KubectlCacheOptions)).toThrow(message);
  });
});
