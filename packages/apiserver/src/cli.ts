import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { consoleLogger } from '@bowline/apimachinery';
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

/** @throws {RangeError} for a controller that does not exist. */
function controllersOf(list: string): { garbageCollection: boolean; namespaces: boolean; workloads: boolean } {
  const names = list === 'all' ? known : list === 'none' ? [] : list.split(',');
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot start server: --controllers must be all, none or a list of ${known.join(', ')}, got ${wrong}`,
    );
  }
  return {
    garbageCollection: names.includes('garbage-collection'),
    namespaces: names.includes('namespaces'),
    workloads: names.includes('workloads'),
  };
}

/** @throws {RangeError} for anything but a port. */
function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new RangeError(`Cannot start server: --port must be 0 to 65535, got ${text}`);
  }
  return port;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '6443' },
      host: { type: 'string', default: '127.0.0.1' },
      kubeconfig: { type: 'string' },
      plain: { type: 'boolean', default: false },
      token: { type: 'string' },
      controllers: { type: 'string', default: 'all' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const { token, host, kubeconfig } = values;
  const tokens = token === undefined ? undefined : { [token]: { name: 'admin', groups: ['system:masters'] } };
  const server = new ApiServer(
    { logger: consoleLogger({ level: 'warn' }) },
    { controllers: controllersOf(values.controllers), tokens },
  );
  await server.start();
  const port = portOf(values.port);
  const { url, authority } = await server.listen({ host, port, tls: values.plain ? undefined : 'self-signed' });
  try {
    if (kubeconfig !== undefined)
      await writeFile(kubeconfig, kubeconfigText({ url, authority, token }), { mode: 0o600 });
  } catch (error) {
    await server.close();
    throw error;
  }
  const stop = (): void => {
    server.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(`API server is ready at ${url}${kubeconfig === undefined ? '' : `, kubeconfig: ${kubeconfig}`}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
