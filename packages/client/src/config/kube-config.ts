import { inspect } from 'node:util';
import type { Clock, Logger, Random, Transport } from '@bowline/apimachinery';

/** How a cluster is reached. Names and meaning are those of a kubeconfig file, in camel case. */
export interface ClusterConfig {
  /** `https://host:port`, `http://…`, each with or without a path. */
  readonly server: string;
  /** PEM, or base64 of it, as in a kubeconfig. Wins over `certificateAuthority`. */
  readonly certificateAuthorityData?: string | undefined;
  /** Path of a PEM file; it is read again when it is older than 5 min. */
  readonly certificateAuthority?: string | undefined;
  /** The name that the server's certificate must bear. @default the host of `server` */
  readonly tlsServerName?: string | undefined;
  /** Believes any certificate: anybody on the way can then read and change everything. @default false */
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** `http://`, `https://` or `socks5://`, with or without credentials. */
  readonly proxyUrl?: string | undefined;
  /** Asks for no gzip, unless the option `compression` says otherwise; exec plugins are told. @default false */
  readonly disableCompression?: boolean | undefined;
  /** What an exec plugin is told besides: the content of the cluster's extension `client.authentication.k8s.io/exec`. */
  readonly execConfig?: unknown;
}

/**
 * A command that prints credentials.
 *
 * @see k8s.io/client-go tools/clientcmd/api/v1 `ExecConfig`
 */
export interface ExecConfig {
  /** `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`. */
  readonly apiVersion: string;
  /** A path, or a name that is looked up in `PATH`. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The command is never given a terminal: `Always` is refused. @default 'IfAvailable' */
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always' | undefined;
  /** Tells the command about the cluster, in the variable `KUBERNETES_EXEC_INFO`. @default false */
  readonly provideClusterInfo?: boolean | undefined;
  /** What the error says when there is no such command. */
  readonly installHint?: string | undefined;
}

/** Acts as somebody else, which needs the right to `impersonate`. */
export interface ImpersonationConfig {
  readonly user: string;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Who asks. Nothing set: anonymous. */
export interface UserConfig {
  readonly token?: string | undefined;
  /** Path of a file with a token; it is read again when it is older than 50 s. Wins over `token`, which serves while it cannot be read. */
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM, or base64 of it. Wins over `clientCertificate`. */
  readonly clientCertificateData?: string | undefined;
  /** Path of a PEM file; it is read again when it is older than 5 min. */
  readonly clientCertificate?: string | undefined;
  /** PEM, or base64 of it. Wins over `clientKey`. */
  readonly clientKeyData?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly impersonate?: ImpersonationConfig | undefined;
  /** The user gets credentials from a command. It is run by the first request, and again when they expire or are refused. */
  readonly exec?: ExecConfig | undefined;
  /** The user gets credentials from a provider, which this package does not know: the first request says so. */
  readonly authProvider?: { readonly name: string } | undefined;
}

/** What a configuration may carry along, so that whoever takes only a configuration runs in process and on virtual time. */
export interface ClientPorts {
  /** Answers requests in place of a connection to `server`. Credentials are still added. */
  readonly transport?: Transport | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly logger?: Logger | undefined;
}

/** One cluster, one user. A plain object of this shape serves wherever a `KubeConfig` does. */
export interface KubeConfigData {
  readonly cluster: ClusterConfig;
  readonly user?: UserConfig | undefined;
  /** The namespace of the context. The client never uses it by itself. */
  readonly namespace?: string | undefined;
  /** The names that messages use. */
  readonly names?: KubeConfigNames | undefined;
  /** Defaults below explicit options. */
  readonly ports?: ClientPorts | undefined;
}

/** Where a configuration comes from: what messages call its parts. */
export interface KubeConfigNames {
  readonly source?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
}

/** What of client-node's `KubeConfig` is used. `import type` only: that package is never loaded from here. */
export interface ClientNodeKubeConfig {
  getCurrentCluster(): ClientNodeCluster | null;
  getCurrentUser(): ClientNodeUser | null;
  getCurrentContext?(): string;
  getContextObject?(name: string): { readonly namespace?: string | undefined } | null;
  /** Runs exec plugins and auth providers. */
  applyToHTTPSOptions?(options: object): Promise<void>;
  readonly ports?: ClientPorts | undefined;
}

/** @see `Cluster` of `@kubernetes/client-node` */
export interface ClientNodeCluster {
  readonly name: string;
  readonly server: string;
  readonly caData?: string | undefined;
  readonly caFile?: string | undefined;
  readonly skipTLSVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
}

/** @see `User` of `@kubernetes/client-node` */
export interface ClientNodeUser {
  readonly name: string;
  readonly certData?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyData?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly impersonateUser?: string | undefined;
  readonly exec?: unknown;
  readonly authProvider?: unknown;
}

/** What every package of Bowline takes where it needs a cluster: ours, a plain object of its shape, or client-node's. */
export type KubeConfigLike = KubeConfigData | ClientNodeKubeConfig;

/** Fields that never appear in a log, an error or JSON. */
const secrets = ['token', 'password', 'clientKeyData', 'clientCertificateData'] as const;
const hidden = '[hidden]';

/**
 * One cluster and one user, from `loadKubeConfig`, `inClusterConfig` or made by hand.
 * Printing it, or turning it into JSON, shows no credential.
 */
export class KubeConfig implements KubeConfigData {
  readonly #data: KubeConfigData;

  constructor(data: KubeConfigData) {
    this.#data = { ...data, user: data.user && concealed(data.user) };
    Object.defineProperty(this, inspect.custom, { value: () => this.toJSON() });
  }

  get cluster(): ClusterConfig {
    return this.#data.cluster;
  }

  get user(): UserConfig | undefined {
    return this.#data.user;
  }

  get namespace(): string | undefined {
    return this.#data.namespace;
  }

  get names(): KubeConfigNames | undefined {
    return this.#data.names;
  }

  get ports(): ClientPorts | undefined {
    return this.#data.ports;
  }

  /** A copy with some parts replaced: `config.with({ ports: { transport } })`. */
  with(changes: Partial<KubeConfigData>): KubeConfig {
    return new KubeConfig({ ...this.#data, ...changes });
  }

  toJSON(): unknown {
    const { cluster, user, namespace, names } = this.#data;
    return { cluster: visibleCluster(cluster), user: user && visibleUser(user), namespace, names };
  }
}

/** A copy that holds the credentials, but neither prints nor serializes them. */
function concealed(user: UserConfig): UserConfig {
  const copy: Record<string, unknown> = { ...user };
  for (const field of secrets) {
    if (user[field] !== undefined) Object.defineProperty(copy, field, { value: user[field], enumerable: false });
  }
  Object.defineProperty(copy, 'toJSON', { value: () => visibleUser(user), enumerable: false });
  Object.defineProperty(copy, inspect.custom, { value: () => visibleUser(user), enumerable: false });
  return Object.freeze(copy);
}

function visibleUser(user: UserConfig): unknown {
  const shown: Record<string, unknown> = { ...user };
  for (const field of secrets) {
    if (user[field] !== undefined) shown[field] = hidden;
  }
  return shown;
}

function visibleCluster(cluster: ClusterConfig): ClusterConfig {
  return cluster.proxyUrl === undefined ? cluster : { ...cluster, proxyUrl: withoutCredentials(cluster.proxyUrl) };
}

/** A URL as messages show it. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').replace(/^[^/@]*:[^/@]*@/, '');
}
