import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The version whose behaviour the tables describe. */
export const kubernetesVersion = '1.35.4';

/** A kube-apiserver with its etcd, for as long as the generator needs it. */
export interface ControlPlane extends AsyncDisposable {
  /** Reads a path; answers other than 200 throw. */
  get(path: string, accept?: string): Promise<string>;
  /** Sends a request, with a JSON body if there is one. Any answer is an answer. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Received>;
}

/** What the server answered. */
export interface Received {
  readonly code: number;
  readonly text: string;
}

/** Where `etcd` and `kube-apiserver` are: KUBEBUILDER_ASSETS, or the cache that the conformance build fills. Undefined when absent. */
export function findAssets(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const candidates = [process.env.KUBEBUILDER_ASSETS, join(cache, 'real-control-plane', `v${kubernetesVersion}`)];
  return candidates.find(
    (dir) => dir !== undefined && existsSync(join(dir, 'etcd')) && existsSync(join(dir, 'kube-apiserver')),
  );
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port was assigned');
    return address.port;
  });
  for (const server of servers) server.close();
  return ports;
}

/** Starts etcd and kube-apiserver in a temporary folder, with the default flags a plain control plane has. */
export async function startControlPlane(assets: string): Promise<ControlPlane> {
  const dir = await mkdtemp(join(tmpdir(), 'apiserver-data-'));
  const token = 'generator';
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const [client, peer, secure] = await freePorts(3);
    const certs = join(dir, 'certs');
    await mkdir(certs);
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });
    await writeFile(join(certs, 'sa.key'), key);
    await writeFile(join(certs, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`);
    const etcd = `http://127.0.0.1:${client}`;
    const peers = `http://127.0.0.1:${peer}`;
    children.push(
      spawn(
        join(assets, 'etcd'),
        [
          `--data-dir=${join(dir, 'data')}`,
          `--listen-client-urls=${etcd}`,
          `--advertise-client-urls=${etcd}`,
          `--listen-peer-urls=${peers}`,
          `--initial-advertise-peer-urls=${peers}`,
          `--initial-cluster=default=${peers}`,
          '--unsafe-no-fsync',
          '--log-level=error',
        ],
        { stdio: 'ignore' },
      ),
      spawn(
        join(assets, 'kube-apiserver'),
        [
          `--etcd-servers=${etcd}`,
          `--cert-dir=${certs}`,
          '--bind-address=127.0.0.1',
          `--secure-port=${secure}`,
          '--service-account-issuer=https://kubernetes.default.svc',
          `--service-account-key-file=${join(certs, 'sa.key')}`,
          `--service-account-signing-key-file=${join(certs, 'sa.key')}`,
          `--token-auth-file=${join(certs, 'tokens.csv')}`,
          '--authorization-mode=RBAC',
          '--service-cluster-ip-range=10.0.0.0/24',
          '--disable-admission-plugins=ServiceAccount',
          '--allow-privileged=true',
        ],
        { stdio: 'ignore' },
      ),
    );
    const exchange = (
      method: string,
      path: string,
      headers: Readonly<Record<string, string>>,
      body = '',
    ): Promise<Received> =>
      new Promise((resolve, reject) => {
        // The certificate was made a moment ago by the process that we started, so there is nothing to verify it against.
        const call = request(
          {
            host: '127.0.0.1',
            port: secure,
            method,
            path,
            rejectUnauthorized: false,
            // Node sends no length with the body of a DELETE by itself.
            headers: {
              ...headers,
              authorization: `Bearer ${token}`,
              'content-length': String(Buffer.byteLength(body)),
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
            });
          },
        );
        call.on('error', reject);
        call.end(body);
      });
    const get = async (path: string, accept = 'application/json'): Promise<string> => {
      const { code, text } = await exchange('GET', path, { accept });
      if (code !== 200) throw new Error(`GET ${path} answered ${code}: ${text.slice(0, 200)}`);
      return text;
    };
    const send = (method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Received> =>
      exchange(
        method,
        path,
        { accept: 'application/json', 'content-type': contentType },
        body === undefined ? '' : JSON.stringify(body),
      );
    const deadline = Date.now() + 60_000;
    for (;;) {
      const ready = await get('/readyz').then(
        (text) => text === 'ok',
        () => false,
      );
      if (ready) break;
      if (Date.now() > deadline) throw new Error('kube-apiserver was not ready within 60 s');
      if (children.some((child) => child.exitCode !== null)) throw new Error('etcd or kube-apiserver ended early');
      await sleep(100);
    }
    return { get, send, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
