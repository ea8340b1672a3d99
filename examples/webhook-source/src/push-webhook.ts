import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel } from '@bowline/controller-runtime';

/** What of a push is used. */
export interface PushEvent {
  readonly repository: { readonly name: string };
}

const limitBytes = 1 << 20;

/**
 * Takes GitHub-style webhooks: 202 when the push is queued, 401 when the signature is wrong, 413 when it is too large, 400 when it is no push,
 * 503 when the channel is full or nobody listens: the sender tries again.
 */
export function pushWebhook(
  secret: string,
  pushes: Channel<PushEvent>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= limitBytes) chunks.push(chunk); // the rest is read, so that the answer gets through, and forgotten
    }
    if (length > limitBytes) return void response.writeHead(413).end();
    const body = Buffer.concat(chunks);
    if (!isSigned(body, secret, request.headers['x-hub-signature-256'])) return void response.writeHead(401).end();
    const push = parsePush(body);
    response.writeHead(push === undefined ? 400 : pushes.offer(push) ? 202 : 503).end();
  };
}

/** The signature of a body, as GitHub sends it. */
export function signature(body: Buffer | string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function isSigned(body: Buffer, secret: string, given: string | string[] | undefined): boolean {
  const expected = Buffer.from(signature(body, secret));
  const actual = Buffer.from(typeof given === 'string' ? given : '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function parsePush(body: Buffer): PushEvent | undefined {
  try {
    const push = JSON.parse(body.toString('utf8')) as Partial<PushEvent> | null;
    return typeof push?.repository?.name === 'string' ? { repository: { name: push.repository.name } } : undefined;
  } catch {
    return undefined; // not JSON: the caller answers 400
  }
}
