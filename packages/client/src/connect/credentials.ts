import type { Clock, HttpRequest, HttpResponse, Transport } from '@bowline/apimachinery';
import type { ImpersonationConfig, UserConfig } from '../config/kube-config.ts';
import { ClientError, invalidConfig } from '../errors.ts';
import { FreshFile } from './fresh-file.ts';
import { pemSource } from './pem.ts';

/** client-go transport/token_source.go: a file is read each minute, 10 s early */
const TOKEN_FILE_MAX_AGE_MS = 50_000;

/** Headers that say who asks. */
export interface CredentialHeaders {
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
  /** The server did not accept them: files are read again next time. */
  rejected(): void;
}

/** The credentials of a user. `name` is what messages call it: `user "admin"`. */
export function credentialsOf(user: UserConfig, name: string, clock: Clock): Credentials {
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
  return {
    async headers() {
      refuseUnsupported(user, name);
      const authorization = await authorizationOf(user, tokenFile, name);
      return {
        headers: { ...(authorization === undefined ? {} : { authorization }), ...impersonation?.headers },
        repeated: impersonation?.repeated,
      };
    },
    async certificate() {
      if (!cert && !key) return undefined;
      if (!cert || !key)
        throw invalidConfig(`Cannot use ${name}: a client certificate and its key must be given together`);
      return { cert: await cert.read(), key: await key.read() };
    },
    rejected() {
      for (const source of [tokenFile, cert, key]) source?.expire();
    },
  };
}

/** Adds the headers of `credentials` to each request. */
export function withCredentials(transport: Transport, credentials: Credentials): Transport {
  return {
    async request(request: HttpRequest): Promise<HttpResponse> {
      const { headers, repeated } = await credentials.headers();
      const response = await transport.request({
        ...request,
        headers: { ...request.headers, ...headers },
        ...(repeated && { repeatedHeaders: [...(request.repeatedHeaders ?? []), ...repeated] }),
      });
      if (response.status === 401) credentials.rejected();
      return response;
    },
    retireConnections: () => transport.retireConnections?.(),
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

function refuseUnsupported(user: UserConfig, name: string): void {
  const method = user.exec
    ? `the command "${user.exec.command}" (exec)`
    : user.authProvider && `the auth provider "${user.authProvider.name}"`;
  if (!method) return;
  throw new ClientError(
    `Cannot authenticate ${name}: it gets its credentials from ${method}, which is not supported; use a token, a token file or a client certificate`,
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
