import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cwd, env as processEnv } from 'node:process';
import { checkOptions, type OptionRules, rules } from '@bowline/apimachinery/arguments';
import { ClientError, invalidConfig } from '../errors.ts';
import { checkPorts } from './check-config.ts';
import { inClusterConfig, isInCluster } from './in-cluster.ts';
import { type ClientPorts, KubeConfig } from './kube-config.ts';
import {
  type KubeConfigEntry,
  type KubeConfigFile,
  mergeKubeConfigs,
  parseKubeConfig,
  readKubeConfigFile,
} from './kube-config-file.ts';
import { clusterOf, userOf } from './kube-config-parts.ts';

/** Where to look for a configuration. */
export interface LoadKubeConfigOptions {
  /** This file and no other. */
  readonly path?: string | undefined;
  /** The content of a kubeconfig, as it stands in a Secret. Paths in it are relative to the working directory. */
  readonly text?: string | undefined;
  /** This context in place of the current one. */
  readonly context?: string | undefined;
  /** This cluster in place of the context's. With it no context is needed. */
  readonly cluster?: string | undefined;
  /** This user in place of the context's. */
  readonly user?: string | undefined;
  /** This namespace in place of the context's. */
  readonly namespace?: string | undefined;
  /** @default that of the process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What the configuration carries along. */
  readonly ports?: ClientPorts | undefined;
}

const optionRules: OptionRules<LoadKubeConfigOptions> = {
  path: rules.nonEmptyString,
  text: rules.secret,
  context: rules.nonEmptyString,
  cluster: rules.nonEmptyString,
  user: rules.nonEmptyString,
  namespace: rules.nonEmptyString,
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
  const { path, text, env = processEnv, ports } = options;
  if (ports !== undefined) checkPorts('load kubeconfig', ports);
  if (path !== undefined && text !== undefined)
    throw new TypeError('Cannot load kubeconfig: text must be absent where a path is given, got both');
  if (text !== undefined)
    return configOf(await parseKubeConfig(text, { name: 'given as text', directory: cwd() }), options);
  if (path !== undefined) return configOf(await readKubeConfigFile(path), options);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.HOME ?? env.USERPROFILE ?? homedir();
  const candidates = listed.length > 0 ? [...new Set(listed)] : [join(home, '.kube', 'config')];
  const files = (await Promise.all(candidates.map(readIfPresent))).filter((file) => file !== undefined);
  if (files.length > 0) return configOf(mergeKubeConfigs(files), options);
  const { context, cluster, user, namespace } = options;
  const isChosen = [context, cluster, user, namespace].some((choice) => choice !== undefined);
  if (isInCluster(env) && !isChosen) return (await inClusterConfig({ env })).with({ ports });
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

function configOf(file: KubeConfigFile, options: LoadKubeConfigOptions): KubeConfig {
  const name = options.context ?? file.currentContext;
  const context = contextOf(file, name, options);
  const cluster = chosen(file, context, 'cluster', options.cluster);
  if (!cluster) throw context?.wrong('cluster', 'set', 'nothing');
  const user = chosen(file, context, 'user', options.user);
  return new KubeConfig({
    cluster: clusterOf(cluster),
    user: user && userOf(user),
    namespace: options.namespace ?? context?.string('namespace'),
    names: { source: file.source, context: name, cluster: cluster.name, user: user?.name },
    ports: options.ports,
  });
}

function contextOf(
  file: KubeConfigFile,
  name: string | undefined,
  { cluster }: LoadKubeConfigOptions,
): KubeConfigEntry | undefined {
  if (name === undefined && cluster !== undefined) return undefined;
  const context = name === undefined ? undefined : file.contexts.get(name);
  if (context) return context;
  const rule =
    name === undefined
      ? 'current-context must be set or a context be chosen, got none'
      : `context must be one that exists, got "${name}"`;
  throw invalidConfig(`Cannot use kubeconfig ${file.source}: ${rule}; ${named('contexts', file.contexts)}`);
}

/** The cluster or user that was asked for, else that of the context. */
function chosen(
  file: KubeConfigFile,
  context: KubeConfigEntry | undefined,
  field: 'cluster' | 'user',
  choice: string | undefined,
): KubeConfigEntry | undefined {
  const entries = file[`${field}s`];
  const name = choice ?? context?.string(field);
  if (name === undefined) return undefined;
  const entry = entries.get(name);
  if (entry) return entry;
  const rule = `the name of a ${field} that exists`;
  const got = `"${name}"; ${named(`${field}s`, entries)}`;
  if (choice === undefined && context) throw context.wrong(field, rule, got);
  throw invalidConfig(`Cannot use kubeconfig ${file.source}: ${field} must be ${rule}, got ${got}`);
}

function named(what: string, entries: ReadonlyMap<string, unknown>): string {
  const names = [...entries.keys()].map((name) => `"${name}"`);
  return names.length === 0 ? `there are no ${what}` : `${what}: ${names.join(', ')}`;
}
