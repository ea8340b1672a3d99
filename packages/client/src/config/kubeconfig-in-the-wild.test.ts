import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import type { KubeConfig } from './kube-config.ts';
import { type LoadKubeConfigOptions, loadKubeConfig } from './load-kube-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfigs-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** What is loaded with these files in `KUBECONFIG`. */
function load(files: readonly string[], options: LoadKubeConfigOptions = {}): Promise<KubeConfig> {
  return loadKubeConfig({ env: { HOME: folder, KUBECONFIG: files.join(delimiter) }, ...options });
}

/** Two clusters, three users, two contexts: as they grow on the machine of a developer. */
const big = `
apiVersion: v1
kind: Config
preferences: { colors: true }
extensions: null
current-context: work
clusters:
- { name: work, cluster: { server: "https://work:6443", certificate-authority: ca.crt, extensions: [{ name: minikube.sigs.k8s.io, extension: { version: v1 } }] } }
- { name: home, cluster: { server: "https://home" } }
users:
- { name: admin, user: { client-certificate: pki/admin.crt, client-key: pki/admin.key } }
- { name: reader, user: { tokenFile: tokens/reader, token: older } }
- { name: bot, user: { username: bot, password: pass } }
contexts:
- { name: work, context: { cluster: work, user: admin, namespace: team } }
- { name: home, context: { cluster: home, user: bot } }
`;

describe('loadKubeConfig of several files', () => {
  test('loadKubeConfig takes each name from the first file that has it, with all that stands there and nothing else', async () => {
    const first = await file(
      'a/config',
      'clusters: [{name: work, cluster: {server: "https://mine"}}]\nusers: [{name: admin, user: {token: t}}]',
    );
    const config = await load([first, await file('b/config', big)]);
    expect({ ...config.cluster }).toEqual({ server: 'https://mine' });
    expect(config.names).toMatchObject({ context: 'work', cluster: 'work', user: 'admin' });
    expect([config.user?.token, config.user?.clientCertificate, config.namespace]).toEqual(['t', undefined, 'team']);
  });

  test('loadKubeConfig resolves each path against the file that it stands in', async () => {
    const users = await file(
      'users/config',
      'users: [{name: admin, user: {client-certificate: a.crt, client-key: ../keys/a.key}}]',
    );
    const config = await load([users, await file('clusters/config', big)]);
    expect(config.cluster.certificateAuthority).toBe(join(folder, 'clusters/ca.crt'));
    expect(config.user?.clientCertificate).toBe(join(folder, 'users/a.crt'));
    expect(config.user?.clientKey).toBe(join(folder, 'keys/a.key'));
    const plugin = await file(
      'bin/config',
      'users: [{name: admin, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get, args: [./token]}}}]',
    );
    const exec = (await load([plugin, join(folder, 'clusters/config')])).user?.exec;
    expect([exec?.command, exec?.args]).toEqual([join(folder, 'bin/get'), ['./token']]);
  });

  test('loadKubeConfig takes the first current-context that is set, and a chosen context before any', async () => {
    const empty = await file('a', 'current-context: ""');
    const home = await file('b', 'current-context: home');
    const rest = await file('c', big);
    expect((await load([empty, home, rest])).names?.context).toBe('home');
    expect((await load([rest, home])).names?.context).toBe('work');
    expect((await load([rest, home], { context: 'home' })).names?.context).toBe('home');
  });

  test('loadKubeConfig ignores files that do not exist or are empty, and reads one that is named twice once', async () => {
    const rest = await file('config', big);
    const config = await load([join(folder, 'gone'), await file('empty', ''), rest, rest]);
    expect(config.names?.source).toBe(`${join(folder, 'empty')}, ${rest}`);
    const none = load([join(folder, 'gone'), join(folder, 'lost')]);
    await expect(none).rejects.toMatchObject({
      code: 'CLIENT_CONFIG_NOT_FOUND',
      message: expect.stringContaining(`${join(folder, 'gone')}, ${join(folder, 'lost')}`),
    });
  });

  test('loadKubeConfig says which of several files cannot be read, is a folder, or is broken', async () => {
    const rest = await file('config', big);
    for (const [path, message] of [
      [await file('broken', 'clusters: ['), /broken: it is not YAML \(.* in line 1, column/],
      [await file('number', 'current-context: 5'), /number: current-context must be a string, got 5$/],
      [folder, /EISDIR/],
    ] as const) {
      const failure = load([rest, path]);
      await expect(failure).rejects.toMatchObject({
        code: 'CLIENT_CONFIG_INVALID',
        message: expect.stringMatching(message),
      });
      await expect(failure).rejects.toThrow(path);
    }
  });

  test('loadKubeConfig prefers a path that is given to KUBECONFIG, KUBECONFIG to ~/.kube/config, and any file to the pod', async () => {
    const given = await file('given', big.replace('current-context: work', 'current-context: home'));
    const listed = await file('listed', big);
    await file(
      '.kube/config',
      'current-context: own\nclusters: [{name: o, cluster: {server: "http://o"}}]\ncontexts: [{name: own, context: {cluster: o}}]',
    );
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443', HOME: folder };
    expect((await load([listed], { path: given })).names?.source).toBe(given);
    expect((await load([listed])).names?.source).toBe(listed);
    expect((await load([], { env: pod })).names?.context).toBe('own');
  });
});

describe('loadKubeConfig of several users and clusters', () => {
  test('loadKubeConfig takes the cluster, user and namespace that are asked for, and the rest from the context', async () => {
    const path = await file('config', big);
    const config = await load([], { path, user: 'reader', namespace: 'other' });
    expect(config.names).toEqual({ source: path, context: 'work', cluster: 'work', user: 'reader' });
    expect([config.namespace, config.user?.tokenFile]).toEqual(['other', join(folder, 'tokens/reader')]);
    const elsewhere = await load([], { path, cluster: 'home' });
    expect([elsewhere.cluster.server, elsewhere.names?.user]).toEqual(['https://home', 'admin']);
  });

  test('loadKubeConfig needs no context where a cluster is asked for', async () => {
    const path = await file('config', big.replace('current-context: work', ''));
    const config = await load([], { path, cluster: 'home', user: 'bot' });
    expect(config.names).toEqual({ source: path, context: undefined, cluster: 'home', user: 'bot' });
    await expect(load([], { path, user: 'bot' })).rejects.toThrow(
      /current-context must be set.*contexts: "work", "home"/,
    );
  });

  test.each([
    [{ context: 'gone' }, /context must be one that exists, got "gone"; contexts: "work", "home"$/],
    [{ cluster: 'gone' }, /cluster must be the name of a cluster that exists, got "gone"; clusters: "work", "home"$/],
    [{ user: 'gone' }, /user must be the name of a user that exists, got "gone"; users: "admin", "reader", "bot"$/],
    [{ user: '' }, /Cannot load kubeconfig: user must be a non-empty string, got ""$/],
    [{ users: 'bot' }, /did you mean "user"\?$/],
  ])('loadKubeConfig refuses %j and says what there is', async (options, message) => {
    const path = await file('config', big);
    await expect(load([], { path, ...options } as LoadKubeConfigOptions)).rejects.toThrow(message);
  });

  test('loadKubeConfig gives each user its own credentials: token file before token, name and password', async () => {
    const path = await file('config', big);
    await file('tokens/reader', 'fresh\n');
    const authorization = async (user: string): Promise<string | undefined> => {
      const transport = new FakeTransport();
      const client = createClient(await load([], { path, user }), { transport });
      void client.raw({ path: '/version' });
      return (await transport.next()).request.headers.authorization;
    };
    expect(await authorization('reader')).toBe('Bearer fresh');
    expect(await authorization('bot')).toBe(`Basic ${Buffer.from('bot:pass').toString('base64')}`);
  });
});

describe('loadKubeConfig of what is broken', () => {
  const with1 = (cluster: string): string =>
    `current-context: x\nclusters: [{name: c, cluster: {${cluster}}}]\ncontexts: [{name: x, context: {cluster: c, namespace: 5}}]`;
  test.each([
    ['server: "host:6443"', 'server must be an http:// or https:// URL without credentials, got "host:6443"'],
    [
      'server: "https://me:s3cret@host"',
      'server must be an http:// or https:// URL without credentials, got "https://host"',
    ],
    ['server: 6443', 'server must be a string, got 6443'],
    [
      'server: "https://h", insecure-skip-tls-verify: "yes"',
      'insecure-skip-tls-verify must be true or false, got "yes"',
    ],
    ['server: "https://h", certificate-authority: [a]', 'certificate-authority must be a string, got an array'],
    ['server: "https://h", certificate-authority-data: 53', 'certificate-authority-data must be a string, got number'],
  ])('loadKubeConfig names file, entry, field and value: { %s }', async (cluster, message) => {
    const path = await file('config', with1(cluster));
    await expect(load([], { path })).rejects.toThrow(`Cannot use cluster "c" in kubeconfig ${path}: ${message}`);
  });

  test('loadKubeConfig names a context whose namespace is no text', async () => {
    const path = await file('config', with1('server: "https://h"'));
    await expect(load([], { path })).rejects.toThrow(
      `Cannot use context "x" in kubeconfig ${path}: namespace must be a string, got 5`,
    );
  });

  test('loadKubeConfig reads a file that begins with a byte order mark, as editors on Windows write it', async () => {
    const path = await file('config', `\ufeff${big.trimStart()}`);
    expect((await load([], { path })).names?.context).toBe('work');
  });
});
