import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { formatTime } from '@bowline/apimachinery';
import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKubeConfig } from '../config/load-kube-config.ts';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import { ExecPlugin, type ExecPluginOptions } from './exec-plugin.ts';

const v1 = 'client.authentication.k8s.io/v1';
const v1beta1 = 'client.authentication.k8s.io/v1beta1';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A plugin: a little program, run by this Node. It notes each run in the file `runs`. */
async function script(body: string, name = 'plugin.mjs'): Promise<string> {
  const path = join(folder, name);
  const head = `import fs from 'node:fs';
const runs = ${JSON.stringify(join(folder, 'runs'))};
fs.appendFileSync(runs, 'x');
const run = fs.readFileSync(runs, 'utf8').length;
const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
const give = (status) => console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: info.apiVersion, status }));
`;
  await writeFile(path, head + body);
  return path;
}

async function runs(): Promise<number> {
  return (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).length;
}

async function plugin(
  body: string,
  exec: Partial<ExecPluginOptions['exec']> = {},
  options: Partial<ExecPluginOptions> = {},
  clock = new FakeClock(),
): Promise<ExecPlugin> {
  const path = await script(body);
  return new ExecPlugin(clock, {
    exec: { apiVersion: v1, command: execPath, args: [path, ...(exec.args ?? [])], ...without(exec) },
    cluster: { server: 'https://host' },
    name: 'user "eks"',
    env,
    timeoutMs: 60_000,
    ...options,
  });
}

function without({ args: _, ...rest }: Partial<ExecPluginOptions['exec']>): Partial<ExecPluginOptions['exec']> {
  return rest;
}

async function failure(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('ExecPlugin', () => {
  test.each([v1, v1beta1])('ExecPlugin gives what a command prints, %s', async (apiVersion) => {
    const one = await plugin(`give({ token: [process.argv[2], process.env.PROFILE, run].join() });`, {
      apiVersion,
      args: ['get-token'],
      env: { PROFILE: 'prod' },
    });
    expect(await one.credential()).toMatchObject({ token: 'get-token,prod,1', expiresAtMs: undefined });
  });

  test('ExecPlugin runs the command once for requests at the same time, and keeps what it gave (One run)', async () => {
    const one = await plugin(`give({ token: 't' + run });`);
    const given = await Promise.all(Array.from({ length: 50 }, () => one.credential()));
    expect(new Set(given).size).toBe(1);
    expect((await one.credential()).token).toBe('t1');
    expect(await runs()).toBe(1);
  });

  test('ExecPlugin runs the command again at its expirationTimestamp', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const expiry = formatTime(clock.now() + 60_000);
    const one = await plugin(
      `give({ token: \`t\${run}\`, ...(run === 1 && { expirationTimestamp: '${expiry}' }) });`,
      {},
      {},
      clock,
    );
    expect((await one.credential()).token).toBe('t1');
    await clock.advance(59_000);
    expect((await one.credential()).token).toBe('t1');
    await clock.advance(1_000);
    expect((await one.credential()).token).toBe('t2');
    expect(clock.pending).toBe(0);
  });

  test('ExecPlugin.rejected runs the command again, once for all who were refused with the same credential', async () => {
    const one = await plugin(`give({ token: 't' + run });`);
    const old = await one.credential();
    one.rejected(old);
    const fresh = await one.credential();
    one.rejected(old);
    expect(await one.credential()).toBe(fresh);
    expect(await runs()).toBe(2);
  });

  test('ExecPlugin gives client certificates', async () => {
    const one = await plugin(`give({ clientCertificateData: 'C', clientKeyData: 'K' });`);
    expect(await one.credential()).toMatchObject({ token: undefined, cert: 'C', key: 'K' });
  });

  test('ExecPlugin tells the command about the cluster when it is to, and never offers a terminal', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, '-----BEGIN CERTIFICATE-----');
    const cluster = {
      server: 'https://gke',
      certificateAuthority: ca,
      tlsServerName: 'kube',
      execConfig: { audience: 'a' },
    };
    const body = `give({ token: Buffer.from(JSON.stringify(info)).toString('base64') });`;
    const told = async (provideClusterInfo: boolean): Promise<unknown> => {
      const one = await plugin(body, { provideClusterInfo, interactiveMode: 'IfAvailable' }, { cluster });
      return JSON.parse(Buffer.from((await one.credential()).token ?? '', 'base64').toString());
    };
    expect(await told(false)).toEqual({ kind: 'ExecCredential', apiVersion: v1, spec: { interactive: false } });
    expect(await told(true)).toMatchObject({
      spec: {
        interactive: false,
        cluster: {
          server: 'https://gke',
          'tls-server-name': 'kube',
          'certificate-authority-data': Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64'),
          config: { audience: 'a' },
        },
      },
    });
  });

  test.each([
    ['exit', `console.error('Unable to locate credentials'); process.exit(7)`, /exit code 7: Unable to locate/, true],
    ['silence', 'process.exit(1)', /exit code 1; it said nothing on stderr/, true],
    ['noise', `console.log('s3cr3t')`, /its output must be JSON/, false],
    ['other object', `console.log('{}')`, /must be an ExecCredential/, false],
    ['nothing', 'give({})', /a token or a client certificate, got neither/, false],
    ['half', `give({ clientCertificateData: 'C' })`, /both clientCertificateData and clientKeyData/, false],
    ['type', 'give({ token: 5 })', /token of its output must be a string, got a number/, false],
    ['time', `give({ token: 's3cr3t', expirationTimestamp: 'soon' })`, /must be a time as in RFC 3339/, false],
    ['no status', 'give(undefined)', /must have a status/, false],
    [
      'version',
      `info.apiVersion = '${v1beta1}'; give({ token: 's3cr3t' })`,
      /must be "[^"]*\/v1", got "[^"]*v1beta1"/,
      false,
    ],
  ])(
    'ExecPlugin says why the command failed, without its output: %s (No secrets)',
    async (_, body, message, retryable) => {
      const error = await failure((await plugin(body)).credential());
      expect(error).toMatchObject({ code: 'CLIENT_EXEC_FAILED', retryable, message: expect.stringMatching(message) });
      expect(String(error)).toMatch(/^ClientError: Cannot get credentials of user "eks" from the command "/);
      expect(String(error)).not.toContain('s3cr3t');
    },
  );

  test('ExecPlugin hides what looks like a credential in the complaints of a command (No secrets)', async () => {
    const secret = 'A'.repeat(60);
    const one = await plugin(`console.error('bad ${secret} token=hunter2'); process.exit(1)`);
    const text = String(await failure(one.credential()));
    expect(text).toContain('bad [hidden] token=[hidden]');
    expect(text).not.toContain('hunter2');
  });

  test.each([
    ['a JWT', 'got eyJhbGciOi.eyJzdWIi.c2ln here', 'got [hidden] here'],
    ['a key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\nis bad', '[hidden]\nis bad'],
    ['half a key', 'bad: -----BEGIN PRIVATE KEY-----\nMHcCAQEE', 'bad: [hidden]'],
    ['a header', 'Authorization: Bearer abc123', 'Authorization: Bearer [hidden]'],
    ['a URL', 'no route to https://me:pw@sts.test/x', 'no route to https://[hidden]@sts.test/x'],
    ['a quoted password', `password: "two words", sorry`, 'password: [hidden], sorry'],
    ['a token that the cut goes through', `${'A'.repeat(60)} ${'x '.repeat(235)}`, `[hidden] ${'x '.repeat(234)}x`],
    ['a lot', 'no '.repeat(100_000), `…${'no '.repeat(167).slice(0, -1)}`],
  ])('ExecPlugin bounds and masks what a command complains about: %s (No secrets)', async (_, said, shown) => {
    const one = await plugin(`process.stderr.write(${JSON.stringify(said)}, () => process.exit(1))`);
    expect(String(await failure(one.credential())).split('exit code 1: ')[1]).toBe(shown);
  });

  test('ExecPlugin gives the install hint when there is no such command, else an advice of its own', async () => {
    const missing = { command: join(folder, 'nowhere'), installHint: 'Install aws-iam-authenticator\n' };
    expect(await failure((await plugin('', missing)).credential())).toMatchObject({
      code: 'CLIENT_EXEC_FAILED',
      message: expect.stringMatching(/there is no such command; Install aws-iam-authenticator$/),
    });
    const plain = join(folder, 'plain');
    await writeFile(plain, 'x');
    await chmod(plain, 0o600);
    expect(await failure((await plugin('', { command: plain })).credential())).toMatchObject({
      message: expect.stringMatching(/it cannot be started \(EACCES\); install it, or correct the path/),
    });
  });

  test('ExecPlugin refuses a terminal, and versions that it does not know, before anything runs', async () => {
    const interactive = await failure((await plugin('', { interactiveMode: 'Always' })).credential());
    expect(interactive).toMatchObject({
      code: 'CLIENT_EXEC_UNSUPPORTED',
      message: expect.stringMatching(/interactiveMode must be "Never" or "IfAvailable", got "Always"; .*no terminal/),
    });
    const old = await failure((await plugin('', { apiVersion: 'client.authentication.k8s.io/v1alpha1' })).credential());
    expect(old).toMatchObject({
      code: 'CLIENT_EXEC_UNSUPPORTED',
      message: expect.stringMatching(/got ".*v1alpha1"; update the plugin/),
    });
    expect(await runs()).toBe(0);
  });

  test('ExecPlugin ends a command that takes too long, and may run it again', async () => {
    const clock = new FakeClock();
    const one = await plugin(`if (run > 1) give({ token: 't' }); else setInterval(() => {}, 1e6);`, {}, {}, clock);
    const running = failure(one.credential());
    while ((await runs()) === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    expect(await running).toMatchObject({ retryable: true, message: expect.stringMatching(/longer than 60000 ms/) });
    expect((await one.credential()).token).toBe('t');
    expect(clock.pending).toBe(0);
  });
});

test('Client runs the plugin of a kubeconfig once for many requests, and once more when the server says 401 (Exec plugins)', async () => {
  await script(`give({ token: 't' + run });`, 'cloud.mjs');
  const file = join(folder, 'config');
  await writeFile(
    file,
    `
current-context: x
clusters: [{ name: c, cluster: { server: https://host } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
users:
- name: u
  user:
    exec:
      apiVersion: ${v1beta1}
      command: ${execPath}
      args: [${join(folder, 'cloud.mjs')}]
      env: [{ name: AWS_PROFILE, value: prod }]
      interactiveMode: IfAvailable
      provideClusterInfo: true
      installHint: get it
`,
  );
  const transport = new FakeTransport();
  const client = createClient(await loadKubeConfig({ path: file }), { transport, clock: new FakeClock() });
  const all = Promise.all([1, 2, 3].map(() => client.raw({ path: '/version' })));
  const exchanges = [await transport.next(), await transport.next(), await transport.next()];
  for (const { request } of exchanges) expect(request.headers.authorization).toBe('Bearer t1');
  for (const exchange of exchanges) exchange.respond({ status: 401, body: 'expired' });
  for (let again = 0; again < 3; again++) {
    const exchange = await transport.next();
    expect(exchange.request.headers.authorization).toBe('Bearer t2');
    exchange.respond({ body: {} });
  }
  expect((await all).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await runs()).toBe(2);
});
