import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createClient } from '../create-client.ts';
import { FakeTransport } from '../fake-transport.ts';
import { KubeConfig } from './kube-config.ts';

const secrets = { token: 't0ken', password: 'pa55', clientKeyData: 'k3y', clientCertificateData: 'c3rt' };
const config = new KubeConfig({
  cluster: { server: 'https://host', proxyUrl: 'http://me:pr0xy@proxy:3128' },
  user: { ...secrets, username: 'me', clientCertificate: '/cert.pem' },
  names: { context: 'c' },
});

describe('KubeConfig', () => {
  test('KubeConfig, its user and a client of it show no credential, however they are printed (No secrets)', () => {
    const client = createClient(config, { transport: new FakeTransport() });
    const options = { depth: 20, showHidden: false };
    const prints = [config, config.user, client, { nested: [config.user, client] }].flatMap((value) => [
      inspect(value, options),
      JSON.stringify(value) ?? '',
      String(value),
    ]);
    prints.push(inspect(client, { depth: 20, showHidden: true }));
    for (const print of prints) {
      for (const secret of [...Object.values(secrets), 'pr0xy']) expect(print).not.toContain(secret);
    }
    expect(JSON.parse(JSON.stringify(config))).toMatchObject({
      user: { token: '[hidden]', username: 'me' },
      names: { context: 'c' },
    });
  });

  test('KubeConfig has the credentials for who needs them, and keeps them in a copy', () => {
    const copy = config.with({ namespace: 'n' });
    expect(copy.user?.token).toBe('t0ken');
    expect(copy.user?.clientKeyData).toBe('k3y');
    expect(copy.namespace).toBe('n');
    expect(config.namespace).toBeUndefined();
  });

  test('KubeConfig carries ports to whoever takes only a configuration', async () => {
    const transport = new FakeTransport();
    const client = createClient(config.with({ ports: { transport } }));
    void client.raw({ path: '/version' });
    expect((await transport.next()).request.headers.authorization).toBe('Bearer t0ken');
  });
});
