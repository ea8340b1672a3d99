import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pod } from '@bowline/api/core/v1';
import type { Clock, ItemClient } from '@bowline/apimachinery';
import { type RunningInformer, startInformer } from '@bowline/informer';

/** Every pod of the cluster, found by node without asking the cluster. It is complete when the promise resolves, and stays so. */
export function podsByNode(
  client: ItemClient,
  options: { readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<RunningInformer<Pod>> {
  return startInformer(client, Pod, { ...options, indexes: { node: 'spec.nodeName' } });
}

/** `GET /nodes/NAME/pods` from memory, and `GET /healthz`, which says how fresh that is. */
export function handler(pods: RunningInformer<Pod>): (request: IncomingMessage, response: ServerResponse) => void {
  return ({ url = '/' }, response) => {
    const [, node] = /^\/nodes\/([^/]+)\/pods$/.exec(url) ?? [];
    const answer = (code: number, body: unknown): void =>
      void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url === '/healthz') answer(200, pods.status());
    else if (node === undefined) answer(404, { error: `no such path: ${url}` });
    else
      answer(
        200,
        [...pods.byIndex('node', node)].map(({ metadata, status }) => ({
          namespace: metadata.namespace,
          name: metadata.name,
          phase: status?.phase,
        })),
      );
  };
}
