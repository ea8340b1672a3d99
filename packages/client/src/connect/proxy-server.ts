import { withoutCredentials } from '../config/kube-config.ts';
import { type Environment, proxyFromEnvironment } from './proxy-env.ts';

/** Who connects us with a server. */
export interface ProxyServer {
  readonly protocol: 'http' | 'https' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** What messages call it: its URL without name and password. */
  readonly name: string;
  /** What says that it is to be used, for advice in messages. */
  readonly setting: string;
}

const protocols: ReadonlyMap<string, { readonly protocol: ProxyServer['protocol']; readonly port: number }> = new Map([
  ['http:', { protocol: 'http', port: 80 }],
  ['https:', { protocol: 'https', port: 443 }],
  ['socks5:', { protocol: 'socks5', port: 1080 }],
  ['socks5h:', { protocol: 'socks5', port: 1080 }],
]);

/**
 * The proxy for a server: that of the cluster, else that of the environment, else none.
 *
 * @throws {TypeError} when it is no URL of a kind of proxy that we know.
 */
export function proxyFor(server: URL, ofCluster: string | undefined, env: Environment): ProxyServer | undefined {
  if (ofCluster !== undefined && ofCluster !== '') {
    return parse(ofCluster, 'cluster.proxyUrl', '"proxy-url" of the cluster');
  }
  const found = proxyFromEnvironment(server, env);
  return found && parse(found.url, found.variable, `the variable ${found.variable}`);
}

function parse(text: string, field: string, setting: string): ProxyServer {
  const url = URL.parse(text);
  const known = protocols.get(url?.protocol ?? '');
  const name = withoutCredentials(text);
  if (!url || !known || url.hostname === '') {
    const rule = 'an http://, https:// or socks5:// URL';
    throw new TypeError(`Cannot create client: ${field} must be ${rule}, got "${name}"`);
  }
  const { protocol } = known;
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? known.port : Number(url.port),
    ...(url.username !== '' && { username: decoded(url.username), password: decoded(url.password) }),
    name: `${protocol}://${url.host}`,
    setting,
  };
}

/** A `%` that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The header by which HTTP proxies know who asks. */
export function proxyAuthorization({ username, password = '' }: ProxyServer): string | undefined {
  return username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
