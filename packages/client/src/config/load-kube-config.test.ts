import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { silentLogger } from '@bowline/apimachinery';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inClusterConfig } from './in-cluster.ts';
import { type LoadKubeConfigOptions, loadKubeConfig } from './load-kube-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const load = (options: LoadKubeConfigOptions) => loadKubeConfig({ env: { HOME: folder }, ...options });

const one = `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: c
  cluster: { server: "https://one:6443", certificate-authority: pki/ca.pem, tls-server-name: kube, proxy-url: "socks5://p:1080" }
- name: open
  cluster: { server: "http://open/path", insecure-skip-tls-verify: true }
users:
- name: u
  user:
    client-certificate: ../cert.pem
    client-key: /abs/key.pem
    tokenFile: token
    as: jane
    as-groups: [a, b]
    as-uid: "7"
    as-user-extra: { scope: [x] }
contexts:
- name: dev
  context: { cluster: c, user: u, namespace: team }
- name: anonymous
  context: { cluster: open }
`;

describe('loadKubeConfig', () => {
  test('loadKubeConfig reads cluster, user and namespace of the current context, paths relative to the file', async () => {
    const path = await file('conf/config', one);
    const config = await load({ path });
    expect({ ...config.cluster }).toEqual({
      server: 'https://one:6443',
      certificateAuthority: join(folder, 'conf/pki/ca.pem'),
      tlsServerName: 'kube',
      proxyUrl: 'socks5://p:1080',
    });
    expect({ ...config.user }).toMatchObject({
      clientCertificate: join(folder, 'cert.pem'),
      clientKey: '/abs/key.pem',
      tokenFile: join(folder, 'conf/token'),
      impersonate: { user: 'jane', groups: ['a', 'b'], uid: '7', extra: { scope: ['x'] } },
    });
    expect(config.namespace).toBe('team');
    expect(config.names).toEqual({ source: path, context: 'dev', cluster: 'c', user: 'u' });
  });

  test('loadKubeConfig takes another context when asked to, also one without a user', async () => {
    const config = await load({
      path: await file('config', one),
      context: 'anonymous',
      ports: { logger: silentLogger },
    });
    expect(config.cluster).toMatchObject({ server: 'http://open/path', insecureSkipTlsVerify: true });
    expect(config.user).toBeUndefined();
    expect(config.ports?.logger).toBe(silentLogger);
  });

  test('loadKubeConfig merges the files of KUBECONFIG as kubectl does: the first to name something wins', async () => {
    const first = await file(
      'a/first',
      'clusters: [{name: c, cluster: {server: "https://first"}}]\nusers: [{name: u, user: {token: abc}}]',
    );
    const second = await file('b/second', one);
    const KUBECONFIG = ['', join(folder, 'missing'), first, second].join(delimiter);
    const config = await load({ env: { KUBECONFIG, HOME: folder } });
    expect({ ...config.cluster }).toEqual({ server: 'https://first' });
    expect(config.user?.token).toBe('abc');
    expect(config.user?.impersonate).toBeUndefined();
    expect(config.names?.source).toBe(`${first}, ${second}`);
  });

  test('loadKubeConfig falls back to ~/.kube/config, then to the pod, then says where it looked', async () => {
    await expect(load({})).rejects.toMatchObject({
      code: 'CLIENT_CONFIG_NOT_FOUND',
      message: expect.stringContaining(join(folder, '.kube/config')),
    });
    await file('.kube/config', one);
    expect((await load({})).names?.context).toBe('dev');
    await expect(
      load({ env: { KUBECONFIG: '/no/such', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' } }),
    ).rejects.toMatchObject({
      code: 'CLIENT_NOT_IN_CLUSTER',
    });
  });

  test('loadKubeConfig reads a file without credentials in JSON, too', async () => {
    const json = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'http://h' } }],
      contexts: [{ name: 'x', context: { cluster: 'c' } }],
    };
    expect((await load({ path: await file('config', JSON.stringify(json)) })).cluster.server).toBe('http://h');
  });

  const cluster = 'clusters: [{name: c, cluster: {server: "https://h"}}]';
  const context = (text: string): string => `current-context: x\ncontexts: [{name: x, context: {${text}}}]\n`;
  const user = (text: string): string =>
    `${context('cluster: c, user: u')}${cluster}\nusers: [{name: u, user: {${text}}}]`;
  test.each([
    ['', /current-context must be set.*there are no contexts/],
    [
      'current-context: gone\ncontexts: [{name: a, context: {}}, {name: b}]',
      /context must be one that exists, got "gone"; contexts: "a", "b"/,
    ],
    [context('user: u'), /context "x" in .*config: cluster must be set/],
    [
      `${context('cluster: gone')}${cluster}`,
      /context "x" in .*config: cluster must be the name of a cluster that exists, got "gone"; clusters: "c"/,
    ],
    [
      `${context('cluster: c, user: gone')}${cluster}`,
      /context "x" in .*config: user must be the name of a user that exists, got "gone"/,
    ],
    [`${context('cluster: c')}clusters: [{name: c}]`, /cluster "c" in .*config: server must be set/],
    [
      `${context('cluster: c')}clusters: [{name: c, cluster: {server: "host:6443"}}]`,
      /cluster "c" .*server must be an http/,
    ],
    [
      `${context('cluster: c')}clusters: [{name: c, cluster: {server: 5}}]`,
      /cluster "c" .*server must be a string, got 5/,
    ],
    [
      `${context('cluster: c')}clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: "yes"}}]`,
      /insecure-skip-tls-verify must be true or false/,
    ],
    [
      `${context('cluster: c')}clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: true, certificate-authority: x}}]`,
      /insecure-skip-tls-verify must be false/,
    ],
    [user('token: a, username: b'), /user "u" .*username must be absent/],
    [user('client-certificate: a'), /user "u" .*client-key must be set/],
    [user('client-key-data: a'), /user "u" .*client-certificate must be set/],
    [user('as-groups: [a]'), /user "u" .*: as must be set/],
    [user('as: a, as-groups: b'), /as-groups must be a list of strings/],
    [user('as: a, as-user-extra: {k: v}'), /as-user-extra.k must be a list of strings/],
    [user('exec: go'), /exec must be an object/],
    ['clusters: {}', /clusters must be a list/],
    ['clusters: [{}]', /clusters\[0\].name must be a non-empty string/],
    ['clusters: [{name: a, cluster: 5}]', /clusters\[0\].cluster must be an object/],
    ['users: [{name: a}, {name: a}]', /users must have different names, got "a" twice/],
    ['kind: Pod', /kind must be "Config", got "Pod"/],
    ['- a', /must be an object/],
  ])('loadKubeConfig says which file, context and field is wrong: %j', async (content, message) => {
    const path = await file('config', content);
    const failure = await load({ path }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CLIENT_CONFIG_INVALID', retryable: false });
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).toContain(path);
  });

  test('loadKubeConfig shows line and column of what is not YAML, and nothing of the file (No secrets)', async () => {
    for (const content of [
      'users:\n- token: s3cret\n  x: "s3cret',
      'a: &s3cret\n - *s3crett',
      's3cret: {',
      'a: s3cret: b',
      '\ts3cret: 1',
    ]) {
      const failure = await load({ path: await file('config', content) }).catch((error: unknown) => error);
      expect(failure, content).toMatchObject({
        code: 'CLIENT_CONFIG_INVALID',
        message: expect.stringMatching(/line \d+, column \d+|alias/),
      });
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('s3cret');
    }
  });

  test('loadKubeConfig says that a file does not exist', async () => {
    await expect(load({ path: join(folder, 'nothing') })).rejects.toMatchObject({
      code: 'CLIENT_CONFIG_NOT_FOUND',
      message: `Cannot read kubeconfig ${join(folder, 'nothing')}: it does not exist`,
    });
  });
});

describe('inClusterConfig', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  test('inClusterConfig uses the service account of the pod', async () => {
    await file('token', 'abc');
    await file('namespace', 'team\n');
    const config = await inClusterConfig({ env, directory: folder });
    expect({ ...config.cluster }).toEqual({
      server: 'https://10.0.0.1:443',
      certificateAuthority: join(folder, 'ca.crt'),
    });
    expect({ ...config.user }).toEqual({ tokenFile: join(folder, 'token') });
    expect(config.namespace).toBe('team');
    const v6 = await inClusterConfig({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory: folder });
    expect(v6.cluster.server).toBe('https://[fd00::1]:443');
  });

  test('inClusterConfig says why this is no pod', async () => {
    await expect(inClusterConfig({ env: {} })).rejects.toMatchObject({
      code: 'CLIENT_NOT_IN_CLUSTER',
      message: expect.stringContaining('KUBERNETES_SERVICE_HOST'),
    });
    await expect(inClusterConfig({ env, directory: folder })).rejects.toMatchObject({
      code: 'CLIENT_NOT_IN_CLUSTER',
      message: expect.stringContaining('automountServiceAccountToken'),
    });
  });
});

describe('loadKubeConfig of a text', () => {
  test.each([
    ['[1]', 'Cannot read kubeconfig given as text: it must be an object, got array'],
    ['a: [', /^Cannot read kubeconfig given as text: it is not YAML/],
    ['kind: Pod', 'Cannot read kubeconfig given as text: kind must be "Config", got "Pod"'],
    ['clusters: {}', 'Cannot read kubeconfig given as text: clusters must be a list, got object'],
    ['users: [[]]', 'Cannot read kubeconfig given as text: users[0].name must be a non-empty string, got undefined'],
    ['current-context: x', /^Cannot use kubeconfig given as text: context must be one that exists, got "x"/],
    [
      'current-context: x\ncontexts: [{name: x, context: {}}]',
      'Cannot use context "x" in kubeconfig given as text: cluster must be set, got nothing',
    ],
  ])('loadKubeConfig names no file that does not exist: %j (Plain words)', async (text, message) => {
    await expect(loadKubeConfig({ text })).rejects.toThrow(message);
  });
});
