import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@bowline/apimachinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UserConfig } from '../config/kube-config.ts';
import { FakeTransport } from '../fake-transport.ts';
import { credentialsOf, withCredentials } from './credentials.ts';
import { FreshFile } from './fresh-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-'));
});
afterEach(() => rm(folder, { recursive: true }));

const settings = { name: 'user "x"', cluster: { server: 'https://host' }, env: {}, execTimeoutMs: 1_000 };

async function authorization(user: UserConfig, clock = new FakeClock()): Promise<string | undefined> {
  return (await credentialsOf(user, clock, settings).headers()).headers.authorization;
}

describe('credentialsOf', () => {
  test('credentialsOf says who asks by token, by name and password, or not at all', async () => {
    expect(await authorization({ token: 'abc' })).toBe('Bearer abc');
    expect(await authorization({ username: 'me', password: 'pä:ss' })).toBe(
      `Basic ${Buffer.from('me:pä:ss').toString('base64')}`,
    );
    expect(await authorization({ username: 'me' })).toBe(`Basic ${Buffer.from('me:').toString('base64')}`);
    expect(await authorization({})).toBeUndefined();
  });

  test('credentialsOf reads a token file again after 50 s, or when the server does not accept it (Fresh tokens)', async () => {
    const clock = new FakeClock();
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'one\n');
    const credentials = credentialsOf({ tokenFile }, clock, settings);
    const token = async (): Promise<string | undefined> => (await credentials.headers()).headers.authorization;
    expect(await token()).toBe('Bearer one');
    await writeFile(tokenFile, 'two');
    await clock.advance(49_000);
    expect(await token()).toBe('Bearer one');
    await clock.advance(1_000);
    expect(await token()).toBe('Bearer two');
    await writeFile(tokenFile, 'three');
    credentials.rejected();
    expect(await token()).toBe('Bearer three');
    await rm(tokenFile);
    await clock.advance(60_000);
    expect(await token()).toBe('Bearer three');
  });

  test('credentialsOf uses the token while its file cannot be read, and says which file that is otherwise', async () => {
    const tokenFile = join(folder, 'missing');
    expect(await authorization({ tokenFile, token: 'spare' })).toBe('Bearer spare');
    await expect(authorization({ tokenFile })).rejects.toMatchObject({
      code: 'CLIENT_CREDENTIALS_UNREADABLE',
      message: expect.stringMatching(/^Cannot read the token file of user "x": .*missing/),
    });
    await writeFile(tokenFile, ' \n');
    await expect(authorization({ tokenFile })).rejects.toMatchObject({
      message: expect.stringContaining('it is empty'),
    });
  });

  test('credentialsOf never puts a token into an error (No secrets)', async () => {
    const failure = await authorization({ token: 'sec\nret' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CLIENT_CONFIG_INVALID' });
    expect(String(failure)).not.toContain('sec\n');
  });

  test.each([
    ['gcp', 'gke-gcloud-auth-plugin'],
    ['azure', 'kubelogin convert-kubeconfig'],
    ['oidc', 'oidc-login'],
    ['other', 'exec plugin'],
  ])('credentialsOf refuses the auth provider %s at the first use and names what replaces it', async (name, advice) => {
    await expect(authorization({ authProvider: { name } })).rejects.toMatchObject({
      code: 'CLIENT_EXEC_UNSUPPORTED',
      message: expect.stringMatching(new RegExp(`user "x".*auth provider "${name}".*${advice}`)),
    });
  });

  test('credentialsOf wants certificate and key together, as PEM or its base64', async () => {
    const pem = '-----BEGIN X-----';
    const pair = (user: UserConfig) => credentialsOf(user, new FakeClock(), settings).certificate();
    expect(await pair({ clientCertificateData: pem, clientKeyData: Buffer.from(pem).toString('base64') })).toEqual({
      cert: pem,
      key: pem,
    });
    expect(await pair({})).toBeUndefined();
    await expect(pair({ clientCertificateData: pem })).rejects.toMatchObject({ code: 'CLIENT_CONFIG_INVALID' });
    const wrong = await pair({ clientCertificateData: pem, clientKeyData: 'k3y' }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: 'CLIENT_CONFIG_INVALID',
      message: 'Cannot use the client key of user "x": it must be PEM or the base64 of PEM',
    });
  });
});

describe('withCredentials', () => {
  test('withCredentials adds headers to each request, and sends it once more with newer ones after a 401 (Fresh tokens)', async () => {
    const inner = new FakeTransport();
    let rejected = 0;
    const transport = withCredentials(inner, {
      headers: async () => ({
        headers: { authorization: `Bearer ${rejected}` },
        repeated: [['impersonate-group', 'a']],
      }),
      certificate: async () => undefined,
      rejected: () => rejected++,
    });
    const asking = transport.request({ method: 'GET', path: '/', headers: { accept: 'x' } });
    const first = await inner.next();
    expect(first.request).toMatchObject({
      headers: { accept: 'x', authorization: 'Bearer 0' },
      repeatedHeaders: [['impersonate-group', 'a']],
    });
    first.respond({ status: 401, body: 'no' });
    const second = await inner.next();
    expect(first.over).toBe(true);
    expect(second.request.headers).toEqual({ accept: 'x', authorization: 'Bearer 1' });
    second.respond({ status: 401 });
    expect((await asking).status).toBe(401);
    expect(inner.requests).toHaveLength(2);
    transport.retireConnections?.();
    await transport.close?.();
    expect(inner).toMatchObject({ retired: 1, closed: true });
  });

  test('withCredentials gives the 401 when there is nothing newer', async () => {
    const inner = new FakeTransport();
    const transport = withCredentials(inner, credentialsOf({ token: 'abc' }, new FakeClock(), settings));
    const asking = transport.request({ method: 'GET', path: '/', headers: {} });
    (await inner.next()).respond({ status: 401, body: { said: 'no' } });
    expect((await asking).status).toBe(401);
    expect(inner.requests).toHaveLength(1);
  });
});

describe('FreshFile', () => {
  test('FreshFile reads once for callers at the same time', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'x');
    const file = new FreshFile(new FakeClock(), { path, what: 'it', maxAgeMs: 1_000 });
    const reads = [file.read(), file.read()];
    expect(reads[0]).toBe(reads[1]);
    expect(await Promise.all(reads)).toEqual(['x', 'x']);
  });
});
