import type { Clock, HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';
import type { ClusterConfig, ImpersonationConfig, UserConfig } from '../config/kube-config.ts';
import { ClientError, invalidConfig } from '../errors.ts';
import { type ExecCredential, ExecPlugin } from './exec-plugin.ts';
import { FreshFile } from './fresh-file.ts';
import { pemSource } from './pem.ts';

/** client-go transport/token_source.go: a file is read each minute, 10 s early */
const TOKEN_FILE_MAX_AGE_MS = 50_000;

/** Headers that say who asks. */
export interface CredentialHeaders {
  /** What a command gave, when it is that. */
  readonly given?: ExecCredential | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly repeated?: HttpRequest['repeatedHeaders'];
}

/** A client certificate and its key, as PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Says who asks. Nothing is read before the first call. */
export interface Credentials {
  headers(): Promise<CredentialHeaders>;
  certificate(): Promise<ClientCertificate | undefined>;
  /** The server did not accept `used`: files are read, and commands run, again next time. */
  rejected(used?: CredentialHeaders): void;
}

export interface CredentialOptions {
  /** What messages call the user: `user "admin"`. */
  readonly name: string;
  /** What commands are told about. */
  readonly cluster: ClusterConfig;
  /** The variables of commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execTimeoutMs: number;
}

/** The credentials of a user. */
export function credentialsOf(user: UserConfig, clock: Clock, options: CredentialOptions): Credentials {
  const { name, cluster, env, execTimeoutMs } = options;
  const tokenFile =
    user.tokenFile === undefined
      ? undefined
      : new FreshFile(clock, {
          path: user.tokenFile,
          what: `the token file of ${name}`,
          maxAgeMs: TOKEN_FILE_MAX_AGE_MS,
        });
  const cert = pemSource(
    user.clientCertificateData,
    user.clientCertificate,
    `the client certificate of ${name}`,
    clock,
  );
  const key = pemSource(user.clientKeyData, user.clientKey, `the client key of ${name}`, clock);
  const impersonation = user.impersonate && impersonationHeaders(user.impersonate);
  // As in client-go, what the configuration says itself wins over the command.
  const ownToken = user.token !== undefined || user.tokenFile !== undefined || user.username !== undefined;
  const plugin =
    user.exec && !ownToken
      ? new ExecPlugin(clock, { exec: user.exec, cluster, name, env, timeoutMs: execTimeoutMs })
      : undefined;
  return {
    async headers() {
      refuseAuthProvider(user, name);
      const given = await plugin?.credential();
      const authorization = await authorizationOf(given ? { token: given.token } : user, tokenFile, name);
      return {
        given,
        headers: { ...(authorization === undefined ? {} : { authorization }), ...impersonation?.headers },
        repeated: impersonation?.repeated,
      };
    },
    async certificate() {
      const given = await plugin?.credential();
      if (given?.cert !== undefined && given.key !== undefined) return { cert: given.cert, key: given.key };
      if (!cert && !key) return undefined;
      if (!cert || !key)
        throw invalidConfig(`Cannot use ${name}: a client certificate and its key must be given together`);
      return { cert: await cert.read(), key: await key.read() };
    },
    rejected(used) {
      plugin?.rejected(used?.given);
      for (const source of [tokenFile, cert, key]) source?.expire();
    },
  };
}

/** Adds the headers of `credentials` to each request. A request that is refused for them is sent once more when there are newer ones. */
export function withCredentials(transport: Transport, credentials: Credentials): Transport {
  const send = (request: HttpRequest, { headers, repeated }: CredentialHeaders): Promise<HttpResponse> =>
    transport.request({
      ...request,
      headers: { ...request.headers, ...headers },
      ...(repeated && { repeatedHeaders: [...(request.repeatedHeaders ?? []), ...repeated] }),
    });
  return {
    async request(request: HttpRequest): Promise<HttpResponse> {
      const used = await credentials.headers();
      const response = await send(request, used);
      if (response.status !== 401) return response;
      credentials.rejected(used);
      const fresh = await credentials.headers();
      if (fresh.given === used.given && fresh.headers.authorization === used.headers.authorization) return response;
      for await (const _ of response.body) break; // Frees the connection.
      return send(request, fresh);
    },
    retireConnections: () => transport.retireConnections?.(),
    ...(transport.ping && { ping: transport.ping.bind(transport) }),
    close: async () => transport.close?.(),
  };
}

async function authorizationOf(
  user: UserConfig,
  tokenFile: FreshFile | undefined,
  name: string,
): Promise<string | undefined> {
  const token = await tokenOf(user, tokenFile);
  if (token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(token))
      throw invalidConfig(`Cannot use the token of ${name}: it holds white space or is empty`);
    return `Bearer ${token}`;
  }
  if (user.username === undefined) return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
}

async function tokenOf(user: UserConfig, tokenFile: FreshFile | undefined): Promise<string | undefined> {
  if (tokenFile === undefined) return user.token;
  try {
    return await tokenFile.read();
  } catch (error) {
    if (user.token === undefined) throw error;
    return user.token; // As in client-go the token serves while its file cannot be read.
  }
}

/** What replaces the auth providers that Kubernetes removed. */
const replacements: Readonly<Record<string, string>> = {
  gcp: 'install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials` again',
  azure: 'install kubelogin and run `kubelogin convert-kubeconfig`',
  oidc: 'use an exec plugin such as kubelogin (`kubectl oidc-login`)',
};

function refuseAuthProvider({ authProvider }: UserConfig, name: string): void {
  if (!authProvider) return;
  const advice = replacements[authProvider.name] ?? 'use a token, a token file, a client certificate or an exec plugin';
  throw new ClientError(
    `Cannot authenticate ${name}: it gets its credentials from the auth provider "${authProvider.name}", which is not supported; ${advice}`,
    { code: 'CLIENT_EXEC_UNSUPPORTED' },
  );
}

/** @see client-go transport/round_trippers.go `impersonatingRoundTripper` */
function impersonationHeaders({ user, groups = [], uid, extra = {} }: ImpersonationConfig): CredentialHeaders {
  const headers: Record<string, string> = { 'impersonate-user': user };
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  const repeated: [string, string][] = groups.map((group) => ['impersonate-group', group]);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) repeated.push([`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`, value]);
  }
  return { headers, repeated };
}
