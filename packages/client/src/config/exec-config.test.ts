import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KubeConfig } from './kube-config.ts';
import { loadKubeConfig } from './load-kube-config.ts';

/** A configuration whose user has this `exec`. */
function load(exec: object, cluster: object = {}): Promise<KubeConfig> {
  const text = JSON.stringify({
    'current-context': 'x',
    clusters: [{ name: 'c', cluster: { server: 'https://host', ...cluster } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { exec } }],
  });
  return loadKubeConfig({ text });
}

const apiVersion = 'client.authentication.k8s.io/v1beta1';

describe('loadKubeConfig', () => {
  test('loadKubeConfig reads what the clouds write about their exec plugins, from a text', async () => {
    const env = [{ name: 'AWS_PROFILE', value: 'prod' }];
    const config = await load(
      { apiVersion, command: 'aws', args: ['eks', 'get-token'], env, installHint: 'get it', provideClusterInfo: true },
      {
        'disable-compression': true,
        extensions: [
          { name: 'other', extension: 1 },
          { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } },
        ],
      },
    );
    expect(config.user?.exec).toEqual({
      apiVersion,
      command: 'aws',
      args: ['eks', 'get-token'],
      env: { AWS_PROFILE: 'prod' },
      interactiveMode: undefined,
      provideClusterInfo: true,
      installHint: 'get it',
    });
    expect(config.cluster).toMatchObject({ disableCompression: true, execConfig: { audience: 'a' } });
  });

  test('loadKubeConfig takes null for what gke and others leave empty, and a path of a command relative to the file', async () => {
    const config = await load({ apiVersion, command: './bin/plugin', args: null, env: null });
    expect(config.user?.exec).toMatchObject({ command: resolve('bin/plugin'), args: undefined, env: undefined });
  });

  test.each([
    [{ command: 'x' }, /exec of user "u" in .*: apiVersion must be set, got nothing$/],
    [{ apiVersion }, /: command must be set, got nothing$/],
    [{ apiVersion, command: 'x', interactiveMode: 'Sometimes' }, /interactiveMode must be "Never".*got "Sometimes"$/],
    [{ apiVersion, command: 'x', env: { A: 's3cret' } }, /: env must be a list of \{ name, value \}, got object$/],
    [{ apiVersion, command: 'x', env: [{ value: 's3cret' }] }, /: env\[0\]\.name must be a non-empty string/],
    [{ apiVersion, command: 'x', env: [{ name: 'A', value: ['s3cret'] }] }, /: env\[0\]\.value must be a string/],
    [{ apiVersion, command: 'x', args: 's3cret' }, /: args must be a list of strings, got string$/],
  ])('loadKubeConfig names what is wrong with %j, and no value of a variable (No secrets)', async (exec, message) => {
    const error = await load(exec).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'CLIENT_CONFIG_INVALID', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('s3cret');
  });
});
