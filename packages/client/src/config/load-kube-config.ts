import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { env as processEnv } from 'node:process';
import { checkOptions, type OptionRules, rules } from '@bowline/apimachinery';
import { ClientError, invalidConfig } from '../errors.ts';
import { checkPorts, serverUrl } from './check-config.ts';
import { inClusterConfig, isInCluster } from './in-cluster.ts';
import {
  type ClientPorts,
  type ClusterConfig,
  type ExecConfig,
  type ImpersonationConfig,
  KubeConfig,
  type UserConfig,
} from './kube-config.ts';
import {
  type KubeConfigEntry,
  type KubeConfigFile,
  mergeKubeConfigs,
  parseKubeConfig,
  readKubeConfigFile,
} from './kube-config-file.ts';

/** Where to look for a configuration. */
export interface LoadKubeConfigOptions {
  /** This file and no other. */
  readonly path?: string | undefined;
  /** The content of a kubeconfig, as it stands in a Secret. Paths in it are relative to the working directory. */
  readonly text?: string | undefined;
  /** This context in place of the current one. */
  readonly context?: string | undefined;
  /** @default that of the process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What the configuration carries along. */
  readonly ports?: ClientPorts | undefined;
}

const optionRules: OptionRules<LoadKubeConfigOptions> = {
  path: rules.nonEmptyString,
  text: rules.secret,
  context: rules.nonEmptyString,
  env: rules.object,
  ports: rules.object,
};

/**
 * The configuration that kubectl would use: of `path` or `text`, else of the files in the variable `KUBECONFIG` (merged), else of
 * `~/.kube/config`, else that of the pod.
 *
 * @throws {ClientError} `CLIENT_CONFIG_NOT_FOUND` when there is none, `CLIENT_CONFIG_INVALID` when something is missing or wrong in it:
 * the message names file, context and field.
 * @see client-go tools/clientcmd/loader.go
 */
export async function loadKubeConfig(options: LoadKubeConfigOptions = {}): Promise<KubeConfig> {
  checkOptions<LoadKubeConfigOptions>('load kubeconfig', options, optionRules);
  const { path, text, context, env = processEnv, ports } = options;
  if (ports !== undefined) checkPorts('load kubeconfig', ports);
  if (path !== undefined && text !== undefined)
    throw new TypeError('Cannot load kubeconfig: text must be absent where a path is given, got both');
  if (text !== undefined) return configOf(await parseKubeConfig(text, resolve('kubeconfig')), context, ports);
  if (path !== undefined) return configOf(await readKubeConfigFile(path), context, ports);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.HOME ?? env.USERPROFILE ?? homedir();
  const candidates = listed.length > 0 ? listed : [join(home, '.kube', 'config')];
  const files = (await Promise.all(candidates.map(readIfPresent))).filter((file) => file !== undefined);
  if (files.length > 0) return configOf(mergeKubeConfigs(files), context, ports);
  if (isInCluster(env) && context === undefined) return (await inClusterConfig({ env })).with({ ports });
  throw new ClientError(
    `Cannot find a kubeconfig: there is no ${candidates.join(', ')}, and this is no pod; set KUBECONFIG or pass a path`,
    { code: 'CLIENT_CONFIG_NOT_FOUND' },
  );
}

async function readIfPresent(path: string): Promise<KubeConfigFile | undefined> {
  try {
    return await readKubeConfigFile(path);
  } catch (error) {
    if (error instanceof ClientError && error.code === 'CLIENT_CONFIG_NOT_FOUND') return undefined;
    throw error;
  }
}

function configOf(file: KubeConfigFile, contextName: string | undefined, ports: ClientPorts | undefined): KubeConfig {
  const name = contextName ?? file.currentContext;
  if (name === undefined) {
    throw invalidConfig(
      `Cannot use kubeconfig ${file.source}: current-context must be set or a context be chosen, got none; ${named('contexts', file.contexts)}`,
    );
  }
  const context = file.contexts.get(name);
  if (!context) {
    throw invalidConfig(
      `Cannot use kubeconfig ${file.source}: context must be one that exists, got "${name}"; ${named('contexts', file.contexts)}`,
    );
  }
  const cluster = referred(context, 'cluster', file.clusters);
  if (!cluster) throw context.wrong('cluster', 'set', 'nothing');
  const user = referred(context, 'user', file.users);
  return new KubeConfig({
    cluster: clusterOf(cluster),
    user: user && userOf(user),
    namespace: context.string('namespace'),
    names: { source: file.source, context: name, cluster: cluster.name, user: user?.name },
    ports,
  });
}

function referred(
  context: KubeConfigEntry,
  field: 'cluster' | 'user',
  entries: ReadonlyMap<string, KubeConfigEntry>,
): KubeConfigEntry | undefined {
  const name = context.string(field);
  if (name === undefined) return undefined;
  const entry = entries.get(name);
  if (!entry)
    throw context.wrong(field, `the name of a ${field} that exists`, `"${name}"; ${named(`${field}s`, entries)}`);
  return entry;
}

function clusterOf(entry: KubeConfigEntry): ClusterConfig {
  const server = entry.string('server');
  if (server === undefined) throw entry.wrong('server', 'set', 'nothing');
  try {
    serverUrl(server);
  } catch {
    throw entry.wrong('server', 'an http:// or https:// URL without credentials', 'something else');
  }
  const cluster: ClusterConfig = {
    server,
    certificateAuthorityData: entry.string('certificate-authority-data'),
    certificateAuthority: entry.path('certificate-authority'),
    tlsServerName: entry.string('tls-server-name'),
    insecureSkipTlsVerify: entry.boolean('insecure-skip-tls-verify'),
    proxyUrl: entry.string('proxy-url'),
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
    command: /[/\\]/.test(command) ? resolve(dirname(entry.file), command) : command,
    args: exec.strings('args'),
    env: exec.variables('env'),
    interactiveMode: mode,
    provideClusterInfo: exec.boolean('provideClusterInfo'),
    installHint: exec.string('installHint'),
  };
}

function userOf(entry: KubeConfigEntry): UserConfig {
  const provider = entry.object('auth-provider');
  const user: UserConfig = {
    token: entry.string('token'),
    tokenFile: entry.path('tokenFile'),
    username: entry.string('username'),
    password: entry.string('password'),
    clientCertificateData: entry.string('client-certificate-data'),
    clientCertificate: entry.path('client-certificate'),
    clientKeyData: entry.string('client-key-data'),
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

function named(what: string, entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].map((name) => `"${name}"`);
  return names.length === 0 ? `there are no ${what}` : `${what}: ${names.join(', ')}`;
}
