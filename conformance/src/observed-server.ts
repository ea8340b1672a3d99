import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAll } from '@bowline/apimachinery';
import type { Client } from '@bowline/client';

/** A server as another process sees it, and what that asks for. */
export interface ObservedServer extends AsyncDisposable {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** What was asked for since it was last taken, in alphabetical order: `/apis 304`. */
  take(): readonly string[];
}

/** Lets other processes read through `client`, over plain HTTP, and notes what they read and how it was answered. */
export async function observe(client: Client): Promise<ObservedServer> {
  let asked: string[] = [];
  const server = createServer((request, response) => {
    const { accept = 'application/json', 'if-none-match': tag } = request.headers;
    const path = request.url ?? '/';
    const headers = { accept, ...(tag !== undefined && { 'if-none-match': tag }) };
    const answering = client.raw({ method: 'GET', path, headers }).then(async (answer) => {
      asked.push(`${path.split('?')[0]} ${answer.status}`);
      // With its length, as servers tell it: kubectl keeps what comes in chunks as it came.
      const body = await readAll(answer.body);
      const length = answer.status === 304 ? {} : { 'content-length': String(body.length) };
      const kept = { ...answer.headers, ...length };
      response.writeHead(answer.status, kept as Record<string, string | string[]>).end(body);
    });
    answering.catch((error: Error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'bowline-observed-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'server', cluster: { server: url } }],
    contexts: [{ name: 'server', context: { cluster: 'server', user: '' } }],
    'current-context': 'server',
  };
  writeFileSync(kubeconfigPath, JSON.stringify(config));
  return {
    url,
    kubeconfigPath,
    take() {
      const taken = asked.sort();
      asked = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
}
