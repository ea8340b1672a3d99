import { describeValue } from '@bowline/apimachinery/arguments';
import { serverUrl } from './check-config.ts';
import {
  type ClusterConfig,
  type ExecConfig,
  type ImpersonationConfig,
  type UserConfig,
  withoutCredentials,
} from './kube-config.ts';
import type { KubeConfigEntry } from './kube-config-file.ts';

/**
 * How to reach a cluster.
 *
 * @throws {ClientError} `CLIENT_CONFIG_INVALID`
 */
export function clusterOf(entry: KubeConfigEntry): ClusterConfig {
  const server = entry.string('server');
  if (server === undefined) throw entry.wrong('server', 'set', 'nothing');
  try {
    serverUrl(server);
  } catch {
    throw entry.wrong(
      'server',
      'an http:// or https:// URL without credentials',
      describeValue(withoutCredentials(server)),
    );
  }
  const cluster: ClusterConfig = {
    server,
    certificateAuthorityData: entry.secret('certificate-authority-data'),
    certificateAuthority: entry.path('certificate-authority'),
    tlsServerName: entry.string('tls-server-name'),
    insecureSkipTlsVerify: entry.boolean('insecure-skip-tls-verify'),
    proxyUrl: entry.secret('proxy-url'),
    disableCompression: entry.boolean('disable-compression'),
    execConfig: entry.extension('client.authentication.k8s.io/exec'),
  };
  if (
    cluster.insecureSkipTlsVerify &&
    (cluster.certificateAuthority ?? cluster.certificateAuthorityData) !== undefined
  ) {
    throw entry.wrong('insecure-skip-tls-verify', 'false where a certificate-authority is given', 'true');
  }
  return cluster;
}

function execOf(entry: KubeConfigEntry): ExecConfig | undefined {
  const exec = entry.part('exec');
  if (exec === undefined) return undefined;
  const apiVersion = exec.string('apiVersion');
  const command = exec.string('command');
  if (apiVersion === undefined) throw exec.wrong('apiVersion', 'set', 'nothing');
  if (command === undefined) throw exec.wrong('command', 'set', 'nothing');
  const mode = exec.string('interactiveMode');
  if (mode !== undefined && mode !== 'Never' && mode !== 'IfAvailable' && mode !== 'Always')
    throw exec.wrong('interactiveMode', '"Never", "IfAvailable" or "Always"', JSON.stringify(mode));
  return {
    apiVersion,
    // Only a path is relative to the file; a bare name is looked up in PATH.
    command: /[/\\]/.test(command) ? entry.resolve(command) : command,
    args: exec.strings('args'),
    env: exec.variables('env'),
    interactiveMode: mode,
    provideClusterInfo: exec.boolean('provideClusterInfo'),
    installHint: exec.string('installHint'),
  };
}

/**
 * How a user authenticates.
 *
 * @throws {ClientError} `CLIENT_CONFIG_INVALID`
 */
export function userOf(entry: KubeConfigEntry): UserConfig {
  const provider = entry.object('auth-provider');
  const user: UserConfig = {
    token: entry.secret('token'),
    tokenFile: entry.path('tokenFile'),
    username: entry.string('username'),
    password: entry.secret('password'),
    clientCertificateData: entry.secret('client-certificate-data'),
    clientCertificate: entry.path('client-certificate'),
    clientKeyData: entry.secret('client-key-data'),
    clientKey: entry.path('client-key'),
    impersonate: impersonationOf(entry),
    exec: execOf(entry),
    authProvider: provider && { name: String(provider.name ?? '') },
  };
  if ((user.token ?? user.tokenFile) !== undefined && user.username !== undefined) {
    throw entry.wrong('username', 'absent where a token is given', 'both');
  }
  if (user.exec && user.authProvider) throw entry.wrong('auth-provider', 'absent where exec is given', 'both');
  const cert = user.clientCertificateData ?? user.clientCertificate;
  const key = user.clientKeyData ?? user.clientKey;
  if (cert !== undefined && key === undefined)
    throw entry.wrong('client-key', 'set where client-certificate is', 'nothing');
  if (cert === undefined && key !== undefined)
    throw entry.wrong('client-certificate', 'set where client-key is', 'nothing');
  return user;
}

function impersonationOf(entry: KubeConfigEntry): ImpersonationConfig | undefined {
  const user = entry.string('as');
  const groups = entry.strings('as-groups');
  const uid = entry.string('as-uid');
  const extra = entry.stringLists('as-user-extra');
  if (user !== undefined) return { user, groups, uid, extra };
  if (groups?.length || uid !== undefined || extra)
    throw entry.wrong('as', 'set where as-groups, as-uid or as-user-extra is', 'nothing');
  return undefined;
}
