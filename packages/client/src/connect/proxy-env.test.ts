import { describe, expect, test } from 'vitest';
import { proxyFromEnvironment } from './proxy-env.ts';

const proxyOf = (server: string, env: Record<string, string>): string | undefined =>
  proxyFromEnvironment(new URL(server), env)?.url;

describe('proxyFromEnvironment', () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ['none', 'https://kube', {}, undefined],
    ['that of https', 'https://kube', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'http://p:1'],
    ['that of http', 'http://kube', { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'http://q:2'],
    ['not that of http for https', 'https://kube', { HTTP_PROXY: 'http://q:2' }, undefined],
    ['lower case', 'https://kube', { https_proxy: 'http://p:1' }, 'http://p:1'],
    ['upper case first', 'https://kube', { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://q:2' }, 'http://q:2'],
    ['empty is not set', 'https://kube', { https_proxy: 'http://p:1', HTTPS_PROXY: '' }, 'http://p:1'],
    ['without a scheme', 'https://kube', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
    ['socks5', 'https://kube', { HTTPS_PROXY: 'socks5://p' }, 'socks5://p'],
    ['not a header of a CGI call', 'http://kube', { HTTP_PROXY: 'http://q', REQUEST_METHOD: 'GET' }, undefined],
  ])('proxyFromEnvironment takes %s', (_, server, env, expected) => {
    expect(proxyOf(server, env)).toBe(expected);
  });

  test('proxyFromEnvironment names the variable', () => {
    expect(proxyFromEnvironment(new URL('https://kube'), { https_proxy: 'p' })?.variable).toBe('https_proxy');
  });

  test.each(['localhost', '127.0.0.1', '127.3.2.1', '[::1]', 'localhost:6443'])(
    'proxyFromEnvironment asks nobody for this machine: %s',
    (host) => {
      expect(proxyOf(`https://${host}`, { HTTPS_PROXY: 'http://p' })).toBeUndefined();
    },
  );

  test.each<[string, string, boolean]>([
    ['*', 'https://kube', true],
    ['other, *', 'https://kube', true],
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://api.example.com:6443', true],
    ['example.com', 'https://notexample.com', false],
    ['EXAMPLE.com', 'https://api.Example.COM', true],
    ['example.com', 'https://example.com.', false],
    ['example.com.', 'https://example.com.', true],
    ['.example.com', 'https://example.com', false],
    ['.example.com', 'https://api.example.com', true],
    ['*.example.com', 'https://api.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['example.com:6443', 'https://example.com:6443', true],
    ['example.com:6443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:80', 'http://example.com', true],
    ['münchen.de', 'https://api.münchen.de', true],
    [' , ,example.com ', 'https://example.com', true],
    [':443', 'https://example.com', false],
    ['10.0.0.1', 'https://10.0.0.1', true],
    ['10.0.0.1', 'https://10.0.0.10', false],
    ['10.0.0.1:6443', 'https://10.0.0.1:6443', true],
    ['10.0.0.1:6443', 'https://10.0.0.1', false],
    ['10.0.0.0/8', 'https://10.250.3.4:6443', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/33', 'https://10.0.0.1', false],
    ['10.0.0.0/8', 'https://10.example.com', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd00::/8', 'https://[fe80::1]', false],
    ['fd00::1', 'https://[fd00:0::1]', true],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:6443', 'https://[fd00::1]', false],
    ['[fd00::1]', 'https://[fd00::1]', false],
    ['::/0', 'https://10.0.0.1', false],
    ['10.0.0.0/8', 'https://[::ffff:10.0.0.1]', true],
    ['::ffff:10.0.0.1', 'https://10.0.0.1', true],
    ['10.0.0.1/', 'https://10.0.0.1', false],
    ['example.com:', 'https://example.com', true],
    ['example.com:x', 'https://example.com', false],
  ])('proxyFromEnvironment reads NO_PROXY=%s for %s: %s', (list, server, exempt) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const env = { HTTPS_PROXY: 'http://p', HTTP_PROXY: 'http://p', [name]: list };
      expect(proxyOf(server, env) === undefined).toBe(exempt);
    }
  });
});
