import { formatYaml } from './http/yaml.ts';

/** What a client has to know of a server. */
export interface ServerAccess {
  readonly url: string;
  /** PEM. Undefined without TLS, or when clients trust the certificate anyway. */
  readonly authority?: string | undefined;
  readonly token?: string | undefined;
}

/** The text of a kubeconfig file for a server. */
export function kubeconfigText({ url, authority, token }: ServerAccess): string {
  const name = 'bowline';
  const cluster = {
    server: url,
    ...(authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
  };
  return formatYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    // Without any credentials kubectl asks for a name and a password.
    users: [{ name, user: { token: token ?? 'anybody' } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  });
}
