import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Logger, silentLogger } from '@bowline/apimachinery';
import { checkOptions, checkValue, listOf, type OptionRules, rules, valueRule } from '@bowline/apimachinery/arguments';
import { ApiserverProcess } from './apiserver-process.ts';
import { type Assets, findAssets } from './assets.ts';
import { ChildProcesses, freePort } from './child-processes.ts';
import { EnvError } from './errors.ts';

/** Settings of a control plane that is made of real processes. */
export interface RealControlPlaneOptions {
  /** Folder with `etcd`, `kube-apiserver` and, when controllers are wanted, `kube-controller-manager`. @default KUBEBUILDER_ASSETS */
  readonly assets?: string | undefined;
  /** Start kube-controller-manager: garbage collection, namespaces, workloads. @default false, as envtest of controller-runtime */
  readonly controllers?: boolean | undefined;
  /** Milliseconds that each process has to get ready. @default 20000 (KUBEBUILDER_CONTROLPLANE_START_TIMEOUT's default) */
  readonly startTimeoutMs?: number | undefined;
  /** Further flags of kube-apiserver: `--feature-gates=WatchList=false`. @default none */
  readonly apiserverFlags?: readonly string[] | undefined;
  /** Hears of processes that start and end; of those that end by themselves as a warning. @default silent */
  readonly logger?: Logger | undefined;
}

const known: OptionRules<RealControlPlaneOptions> = {
  assets: rules.nonEmptyString,
  controllers: rules.boolean,
  startTimeoutMs: valueRule(
    'a finite number, more than 0',
    (value): value is number => typeof value === 'number',
    (value) => Number.isFinite(value) && value > 0,
  ),
  apiserverFlags: listOf(rules.nonEmptyString),
  logger: rules.logger,
};

/** A running etcd and kube-apiserver. Disposing it ends the processes and removes their folder. */
export interface RealControlPlane extends AsyncDisposable {
  readonly url: string;
  /** PEM of the certificate to trust. */
  readonly certificateAuthority: string;
  /** A bearer token of a user in `system:masters`. */
  readonly token: string;
  /** A kubeconfig file for kubectl. */
  readonly kubeconfigPath: string;
  /** Where etcd serves its clients, over plain HTTP. */
  readonly etcdUrl: string;
  readonly apiserver: ApiserverProcess;
}

/** Ports may be taken between finding and using them: so many starts are tried. @see controller-runtime envtest, the same number */
const startAttempts = 5;

/**
 * Starts etcd and kube-apiserver on free loopback ports, in a folder of their own. They end with this process, also when it crashes.
 *
 * @throws {EnvError} `ENVTEST_ASSETS_MISSING`, `ENVTEST_START_FAILED`
 * @throws {TypeError} {RangeError} for a wrong option.
 */
export async function startRealControlPlane(
  clock: Clock,
  options: RealControlPlaneOptions = {},
): Promise<RealControlPlane> {
  checkValue('start the real control plane', 'clock', clock, rules.clock);
  checkOptions<RealControlPlaneOptions>('start the real control plane', options, known);
  const { controllers = false, startTimeoutMs = 20_000, apiserverFlags = [], logger = silentLogger } = options;
  const assets = findAssets(options.assets);
  if (controllers && assets.kubeControllerManager === undefined) {
    throw new EnvError(
      'ENVTEST_ASSETS_MISSING',
      'Cannot start controllers: kube-controller-manager must be an executable beside kube-apiserver, got none',
    );
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(assets, controllers, startTimeoutMs, apiserverFlags, { clock, logger });
    } catch (error) {
      const portTaken = error instanceof Error && /address already in use/.test(error.message);
      if (!portTaken || attempt === startAttempts) throw error;
    }
  }
}

async function start(
  assets: Assets,
  controllers: boolean,
  timeoutMs: number,
  apiserverFlags: readonly string[],
  ports: { readonly clock: Clock; readonly logger: Logger },
): Promise<RealControlPlane> {
  const { clock } = ports;
  const folder = mkdtempSync(join(tmpdir(), 'bowline-envtest-'));
  const processes = new ChildProcesses(folder, ports);
  try {
    const [etcdPort, peerPort, securePort, controllerPort] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    const etcd = processes.start('etcd', assets.etcd, [
      `--data-dir=${folder}/etcd`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=error',
    ]);
    await etcd.ready(() => answers(`${etcdUrl}/health`), clock, timeoutMs);

    const certificates = join(folder, 'certificates');
    mkdirSync(certificates);
    const token = randomBytes(24).toString('base64url');
    writeFileSync(join(certificates, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signingKey = join(certificates, 'service-accounts.key');
    writeFileSync(signingKey, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
    const url = `https://127.0.0.1:${securePort}`;
    const flags = [
      `--etcd-servers=${etcdUrl}`,
      `--cert-dir=${certificates}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${securePort}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${signingKey}`,
      `--service-account-signing-key-file=${signingKey}`,
      `--token-auth-file=${join(certificates, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged=true',
      ...apiserverFlags,
    ];
    const authorization = { authorization: `Bearer ${token}` };
    const apiserver = new ApiserverProcess(
      () => processes.start('kube-apiserver', assets.kubeApiserver, flags),
      (running) =>
        running.ready(
          () => answers(`${url}/readyz`, { rejectUnauthorized: false, headers: authorization }),
          clock,
          timeoutMs,
        ),
    );
    await apiserver.start();

    const certificateAuthority = readFileSync(join(certificates, 'apiserver.crt'), 'utf8');
    const kubeconfigPath = join(folder, 'kubeconfig');
    writeFileSync(kubeconfigPath, kubeconfig(url, certificateAuthority, token), { mode: 0o600 });
    if (controllers && assets.kubeControllerManager !== undefined) {
      const manager = processes.start('kube-controller-manager', assets.kubeControllerManager, [
        `--kubeconfig=${kubeconfigPath}`,
        '--leader-elect=false',
        '--bind-address=127.0.0.1',
        `--secure-port=${controllerPort}`,
        `--cert-dir=${certificates}/controller-manager`,
        `--service-account-private-key-file=${signingKey}`,
        '--use-service-account-credentials=false',
      ]);
      await manager.ready(
        () => answers(`https://127.0.0.1:${controllerPort}/healthz`, { rejectUnauthorized: false }),
        clock,
        timeoutMs,
      );
    }
    return {
      url,
      certificateAuthority,
      token,
      kubeconfigPath,
      etcdUrl,
      apiserver,
      [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
    };
  } catch (error) {
    await processes[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether a GET is answered with 200. */
async function answers(url: string, options: RequestOptions = {}): Promise<boolean> {
  // Loaded by who needs it: it takes longer than an embedded control plane.
  const { get } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  return new Promise((resolve) => {
    const request = get(url, { ...options, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false)); // not listening yet; the caller's deadline reports it
  });
}

function kubeconfig(server: string, certificateAuthority: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'envtest',
        cluster: { server, 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'envtest', context: { cluster: 'envtest', user: 'admin', namespace: 'default' } }],
    'current-context': 'envtest',
  });
}
