import { Agent, get } from 'node:http';
import { figure, retainedBytes, watchLoop } from './measure.ts';
import { PodServer } from './pod-server-process.ts';

interface PodPage {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[];
}

/** The least that a client can do that keeps parsed objects: node:http, pages of 500, `JSON.parse` per page. */
export async function measureFloor(pods: number): Promise<void> {
  await using server = await PodServer.start(pods);
  const name = `floor of ${pods.toLocaleString('en-US')} pods: pages, JSON.parse`;
  const before = retainedBytes();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const store = new Map<string, unknown>();
  const read = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get(server.url + path, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
          .on('error', reject);
      }).on('error', reject);
    });
  const stops = await watchLoop(async () => {
    for (let from: string | undefined = ''; from !== undefined; ) {
      const page = JSON.parse(await read(`/api/v1/pods?limit=500${from === '' ? '' : `&continue=${from}`}`)) as PodPage;
      for (const item of page.items) store.set(`${item.metadata.namespace}/${item.metadata.name}`, item);
      from = page.metadata.continue;
    }
  });
  if (store.size !== pods) throw new Error(`${store.size} of ${pods} pods are there`);
  figure(name, stops.elapsedMs, 'ms');
  figure(`${name}, memory per pod`, (retainedBytes() - before) / pods, 'bytes');
  figure(`${name}, worst stop`, stops.worstStopMs, 'ms');
  agent.destroy();
}
