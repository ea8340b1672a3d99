import {
  checkOptions,
  checkValue,
  type OptionRules,
  oneOf,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import {
  type ClientPorts,
  type ClusterConfig,
  type ExecConfig,
  type ImpersonationConfig,
  type KubeConfigData,
  type KubeConfigNames,
  type UserConfig,
  withoutCredentials,
} from './kube-config.ts';

/** A port as `@bowline/apimachinery` declares it, and pino or a few lines of one's own make it. */
export const portRules: OptionRules<ClientPorts> = {
  transport: withMethods('a transport', 'request'),
  clock: rules.clock,
  random: rules.random,
  logger: withMethods('a logger', 'debug', 'info', 'warn', 'error'),
};

const serverRule: ValueRule = {
  ...rules.nonEmptyString,
  text: 'an http:// or https:// URL without credentials',
};
const cluster: OptionRules<ClusterConfig> = {
  server: serverRule,
  certificateAuthorityData: rules.secret,
  certificateAuthority: rules.string,
  tlsServerName: rules.string,
  insecureSkipTlsVerify: rules.boolean,
  proxyUrl: rules.secret,
  disableCompression: rules.boolean,
  execConfig: rules.any,
};
const user: OptionRules<UserConfig> = {
  token: rules.secret,
  tokenFile: rules.string,
  username: rules.string,
  password: rules.secret,
  clientCertificateData: rules.secret,
  clientCertificate: rules.string,
  clientKeyData: rules.secret,
  clientKey: rules.string,
  impersonate: rules.object,
  exec: rules.object,
  authProvider: rules.object,
};
const impersonation: OptionRules<ImpersonationConfig> = {
  user: rules.nonEmptyString,
  groups: rules.strings,
  uid: rules.string,
  extra: valueRule(
    'an object of arrays of strings',
    (value): value is object => typeof value === 'object' && value !== null && !Array.isArray(value),
    (value) => Object.values(value).every((list) => rules.strings.problem(list) === undefined),
  ),
};
const exec: OptionRules<ExecConfig> = {
  apiVersion: rules.nonEmptyString,
  command: rules.nonEmptyString,
  args: rules.strings,
  env: { ...rules.object, secret: true },
  interactiveMode: oneOf('Never', 'IfAvailable', 'Always'),
  provideClusterInfo: rules.boolean,
  installHint: rules.string,
};
const names: OptionRules<KubeConfigNames> = {
  source: rules.string,
  context: rules.string,
  cluster: rules.string,
  user: rules.string,
};
const data: OptionRules<KubeConfigData> = {
  cluster: rules.object,
  user: rules.object,
  namespace: rules.string,
  names: rules.object,
  ports: rules.object,
};

/**
 * Checks a configuration that somebody wrote down.
 *
 * @throws {TypeError | RangeError} that names the field and shows no credential.
 */
export function checkConfig(action: string, config: unknown): asserts config is KubeConfigData {
  if (config instanceof Promise) {
    throw new TypeError(
      `Cannot ${action}: config must be a configuration, got a promise; await loadKubeConfig() first`,
    );
  }
  checkValue(action, 'config', config, configRule);
  if (Array.isArray(Reflect.get(config as object, 'clusters'))) {
    const advice = 'use loadKubeConfig({ text }) or loadKubeConfig({ path })';
    throw new TypeError(`Cannot ${action}: config must be a configuration, got the content of a kubeconfig; ${advice}`);
  }
  checkOptions<KubeConfigData>(action, config, data, 'config');
  const parts = config as Readonly<Record<keyof KubeConfigData, unknown>>;
  checkValue(action, 'cluster', parts.cluster, clusterRule);
  checkOptions<ClusterConfig>(action, parts.cluster, cluster, 'cluster');
  checkValue(action, 'cluster.server', (parts.cluster as Partial<ClusterConfig>).server, serverRule);
  serverUrl((parts.cluster as ClusterConfig).server, action);
  if (parts.user !== undefined) checkUser(action, parts.user);
  if (parts.names !== undefined) checkOptions<KubeConfigNames>(action, parts.names, names, 'names');
  if (parts.ports !== undefined) checkPorts(action, parts.ports);
}

/** @throws {TypeError} when a port has not the shape that is needed. */
export function checkPorts(action: string, ports: unknown): void {
  checkOptions<ClientPorts>(action, ports, portRules, 'ports');
}

const configRule: ValueRule = {
  ...rules.object,
  text: 'what loadKubeConfig() gives, KubeConfig of @kubernetes/client-node, or { cluster: { server } }',
};
const clusterRule: ValueRule = { ...rules.object, text: 'an object with a server' };

function checkUser(action: string, who: unknown): void {
  checkOptions<UserConfig>(action, who, user, 'user');
  const { impersonate, exec: command, authProvider } = who as UserConfig;
  if (impersonate !== undefined) {
    checkOptions<ImpersonationConfig>(action, impersonate, impersonation, 'user.impersonate');
    checkValue(action, 'user.impersonate.user', impersonate.user, rules.nonEmptyString);
  }
  if (command !== undefined) {
    checkOptions<ExecConfig>(action, command, exec, 'user.exec');
    checkValue(action, 'user.exec.command', command.command, rules.nonEmptyString);
    checkValue(action, 'user.exec.apiVersion', command.apiVersion, rules.nonEmptyString);
    for (const [name, value] of Object.entries(command.env ?? {})) {
      checkValue(action, `user.exec.env.${name}`, value, rules.secret);
    }
  }
  if (authProvider !== undefined) {
    checkOptions<{ name: string }>(action, authProvider, { name: rules.string }, 'user.authProvider');
  }
}

/** @throws {TypeError} when it is no URL of a server. */
export function serverUrl(server: string, action: string = 'create client'): URL {
  const url = URL.parse(server);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const advice = !url || !/^https?:$/.test(url.protocol) ? adviceFor(server) : '';
    throw new TypeError(
      `Cannot ${action}: cluster.server must be ${serverRule.text}, got "${withoutCredentials(server)}"${advice}`,
    );
  }
  return url;
}

/** The usual slip: a host without a scheme. */
function adviceFor(server: string): string {
  return /^[\w.-]+(:\d+)?(\/|$)/.test(server) ? `; did you mean "https://${server}"?` : '';
}
