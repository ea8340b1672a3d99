import type { Clock } from '@bowline/apimachinery';
import type { ClusterConfig } from '../config/kube-config.ts';
import type { Credentials } from './credentials.ts';
import { pemSource } from './pem.ts';

/** What a TLS connection is made with. */
export interface TlsMaterial {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where TLS material comes from. */
export interface TlsSource {
  /** The same object as before as long as nothing has changed. */
  read(): Promise<TlsMaterial>;
  /** The handshake failed: files are read again next time. */
  expire(): void;
}

/** The CA of a cluster and the client certificate of a user. `name` is what messages call the cluster. */
export function tlsSource(cluster: ClusterConfig, name: string, credentials: Credentials, clock: Clock): TlsSource {
  const { certificateAuthorityData, certificateAuthority } = cluster;
  const authority = pemSource(
    certificateAuthorityData,
    certificateAuthority,
    `the certificate authority of ${name}`,
    clock,
  );
  let last: TlsMaterial = {};
  return {
    async read() {
      const ca = await authority?.read();
      const certificate = await credentials.certificate();
      if (ca !== last.ca || certificate?.cert !== last.cert || certificate?.key !== last.key)
        last = { ca, ...certificate };
      return last;
    },
    expire() {
      authority?.expire();
      credentials.rejected();
    },
  };
}
