import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { consoleLogger, systemClock } from '@bowline/apimachinery';
import { nearestName } from '@bowline/apimachinery/arguments';
import { ApiServer } from './api-server.ts';
import { kubeconfigText } from './kubeconfig.ts';

const usage = `Starts a Kubernetes API server in memory, until SIGTERM or SIGINT.

  --port N             Port to listen on; 0 takes a free one. Default: 6443
  --host HOST          Address to listen on. Default: 127.0.0.1
  --kubeconfig FILE    Where to write the configuration for kubectl. Default: it is not written
  --plain              HTTP without TLS
  --token TOKEN        Refuse requests without this bearer token
  --controllers LIST   Which controllers run: all, none, or a list of garbage-collection, namespaces, workloads. Default: all
  --help`;

const known = ['garbage-collection', 'namespaces', 'workloads'];

/** The command line is wrong. */
class UsageError extends Error {}

/** @throws {UsageError} for a controller that does not exist. */
function controllersOf(list: string): { garbageCollection: boolean; namespaces: boolean; workloads: boolean } {
  const names = list === 'all' ? known : list === 'none' ? [] : list.split(',');
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot start server: --controllers must be all, none or a list of ${known.join(', ')}, got ${wrong}`,
    );
  }
  return {
    garbageCollection: names.includes('garbage-collection'),
    namespaces: names.includes('namespaces'),
    workloads: names.includes('workloads'),
  };
}

/** @throws {UsageError} for anything but a port. */
function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`Cannot start server: --port must be a number from 0 to 65535, got ${text}`);
  }
  return port;
}

const flags = {
  port: { type: 'string', default: '6443' },
  host: { type: 'string', default: '127.0.0.1' },
  kubeconfig: { type: 'string' },
  plain: { type: 'boolean', default: false },
  token: { type: 'string' },
  controllers: { type: 'string', default: 'all' },
  help: { type: 'boolean', default: false },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** @throws {UsageError} for a flag that does not exist or lacks its value. */
function readFlags(): Flags {
  try {
    return parseArgs({ options: flags }).values;
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const unknown = /^Unknown option '--([^']*)'/.exec(why)?.[1];
    const nearest = unknown === undefined ? undefined : nearestName(unknown, Object.keys(flags));
    if (nearest === undefined) throw new UsageError(`Cannot start server: ${why}`);
    throw new UsageError(`Cannot start server: there is no --${unknown}; did you mean --${nearest}?`);
  }
}

async function main(): Promise<void> {
  const { help, plain, token, host, kubeconfig, ...rest } = readFlags();
  if (help) {
    console.log(usage);
    return;
  }
  for (const [flag, value] of Object.entries({ host, kubeconfig, token })) {
    if (value === '') throw new UsageError(`Cannot start server: --${flag} must not be empty`);
  }
  const [controllers, port] = [controllersOf(rest.controllers), portOf(rest.port)];
  const tokens = token === undefined ? undefined : { [token]: { name: 'admin', groups: ['system:masters'] } };
  const server = new ApiServer({ logger: consoleLogger({ level: 'warn' }) }, { controllers, tokens });
  await server.start();
  try {
    const { url, authority } = await server.listen({ host, port, tls: plain ? undefined : 'self-signed' });
    if (kubeconfig !== undefined) await writeKubeconfig(kubeconfig, kubeconfigText({ url, authority, token }));
    console.log(`API server is ready at ${url}${kubeconfig === undefined ? '' : `, kubeconfig: ${kubeconfig}`}`);
  } catch (error) {
    await server.close();
    throw error;
  }
  let stoppedAt: number | undefined;
  const stop = (): void => {
    if (stoppedAt !== undefined) {
      // npm passes a Ctrl-C on that came from the terminal already: what comes this soon is no second request.
      if (systemClock.monotonic() - stoppedAt > 100) process.exit(1);
      return;
    }
    stoppedAt = systemClock.monotonic();
    server.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function writeKubeconfig(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot write kubeconfig: --kubeconfig must be a file in a folder that exists, got ${file} (${why})`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error('--help tells what there is');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
