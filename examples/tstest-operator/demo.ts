import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CustomResourceDefinition } from '@bowline/api/apiextensions/v1';
import { ApiServer } from '@bowline/apiserver';
import { createClient, KubeConfig } from '@bowline/client';
import { shutdownSignal } from '@bowline/controller-runtime';
import { tsTestOperator } from './src/operator.ts';
import { Progress, table } from './src/progress.ts';
import { TsTest } from './src/tstest.ts';
import { changeObjects, createObjects, deleteObjects, differing, type Expected, meddle } from './src/workload.ts';

const usage = `Runs one operator on the embedded API server, over HTTP, and shows that it converges.

  npm run demo -- [--keep] [--port N]

  --keep    Leave it running for kubectl and a browser
  --port N  Port to listen on; 0 takes a free one. Default: 0
  --help`;

const values = readFlags();
for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly);
const phaseTimeoutMs = 60_000;

const stop = shutdownSignal();
const server = new ApiServer({}, { controllers: { garbageCollection: true, namespaces: true, workloads: true } });
await server.start();
const { url } = await server.listen({ port: values.port }).catch(refuse);
const kubeConfig = new KubeConfig({ cluster: { server: url } });
const client = createClient(kubeConfig);
await client.create(CustomResourceDefinition, TsTest.manifest());
console.log(`API server at ${url}, ${TsTest.kind} is served`);

const ending = new AbortController();
const running = tsTestOperator(kubeConfig).run(AbortSignal.any([stop, ending.signal]));
const failed = running.then(
  () => undefined,
  (error: unknown) => error,
);

const expected: Expected = new Map();
const phases: [string, (client_: typeof client, expected: Expected) => Promise<number>][] = [
  ['create', createObjects],
  ['change', changeObjects],
  ['delete', deleteObjects],
  ['meddle', meddle],
];
const rows: string[][] = [];
let remaining: string[] = [];
for (const [name, act] of phases) {
  if (stop.aborted || remaining.length > 0) {
    rows.push([name, '', 'not run']);
    continue;
  }
  const progress = new Progress(name);
  const count = await act(client, expected);
  const deadline = performance.now() + phaseTimeoutMs;
  do {
    remaining = await differing(client, expected);
    progress.show(count, remaining.length);
    const error = await Promise.race([failed, sleep(50)]);
    if (error !== undefined) throw error;
  } while (remaining.length > 0 && performance.now() < deadline && !stop.aborted);
  rows.push([name, String(count), progress.finish(count, remaining.length, stop.aborted)]);
}

console.log(`\n${table(['phase', 'objects', 'outcome'], rows)}`);
if (values.keep && remaining.length === 0 && !stop.aborted) {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-demo-'));
  const path = join(folder, 'kubeconfig');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path, kubeconfigText(url), { mode: 0o600 });
  console.log(
    `\nStill running. In another terminal:\n  kubectl --kubeconfig ${path} get tstests -A\nIn a browser: ${url}/apis/stable.example.com/v1/tstests\nCtrl-C ends it.`,
  );
  await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}
ending.abort();
await running;
await server.close();
await client.close();
if (stop.aborted) console.log('\nStopped as asked.');
else if (remaining.length === 0) console.log(`\nAll ${expected.size} objects are as they should be.`);
else {
  console.error(`\nNot converged after ${phaseTimeoutMs / 1_000} s:\n  ${remaining.join('\n  ')}`);
  process.exitCode = 1;
}

/** Ends the process when nobody reads any more what it says, as with `npm run demo | head -1`. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

/** Says in one line why the server cannot listen. */
function refuse(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** The flags; `--help` ends the process, and wrong ones do with one line and code 2. */
function readFlags(): { readonly keep: boolean; readonly port: number } {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (/^\d{1,5}$/.test(values.port) && Number(values.port) < 65_536) return { ...values, port: Number(values.port) };
    throw new RangeError(`Cannot run demo: --port must be a port from 0 to 65535, got "${values.port}"`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n--help tells what there is`);
    process.exit(2);
  }
}

function kubeconfigText(address: string): string {
  const clusters = [{ name: 'demo', cluster: { server: address } }];
  const contexts = [{ name: 'demo', context: { cluster: 'demo', user: 'demo' } }];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    contexts,
    users: [{ name: 'demo', user: {} }],
    'current-context': 'demo',
  });
}
