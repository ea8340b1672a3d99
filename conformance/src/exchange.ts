import { readAll } from '@bowline/apimachinery';
import type { Client } from '@bowline/client';

/** What a server answered. */
export interface Outcome {
  readonly status: number;
  /** Parsed JSON, or the text where the answer is none. */
  readonly body: unknown;
  readonly contentType: string;
  readonly warnings: readonly string[];
}

/** One request. `{ns}` in a path stands for the scenario's own namespace. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** JSON to send, or text to send as it is; a function gets the answers so far. */
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
}

/** Requests that are sent one after the other to a namespace that nothing else uses. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Answers so far, by the index of their step. */
export type Seen = readonly Outcome[];

export const get = (path: string, accept?: string): Step => ({ method: 'GET', path, accept });
export const create = (path: string, body: unknown): Step => ({ method: 'POST', path, body });
export const update = (path: string, body: unknown): Step => ({ method: 'PUT', path, body });
export const remove = (path: string, body?: unknown): Step => ({ method: 'DELETE', path, body });
export const jsonPatch = (path: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  body,
  contentType: 'application/json-patch+json',
});
export const mergePatch = (path: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  body,
  contentType: 'application/merge-patch+json',
});
export const strategicPatch = (path: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  body,
  contentType: 'application/strategic-merge-patch+json',
});
export const apply = (path: string, body: unknown, query = 'fieldManager=tester'): Step => ({
  method: 'PATCH',
  path: `${path}${path.includes('?') ? '&' : '?'}${query}`,
  body,
  contentType: 'application/apply-patch+yaml',
});

/** The object that a step answered with, changed by `edit`: for updates that need the resource version. */
export function edited(index: number, edit: (object: Record<string, unknown>) => void): (seen: Seen) => unknown {
  return (seen) => {
    const object = structuredClone(seen[index]?.body) as Record<string, unknown>;
    edit(object);
    return object;
  };
}

/** Sends the steps of a scenario to one server. */
export async function play(client: Client, { steps }: Scenario, namespace: string): Promise<Outcome[]> {
  const seen: Outcome[] = [];
  for (const { method, path, body, contentType = 'application/json', accept = 'application/json' } of steps) {
    const content = typeof body === 'function' ? (body as (seen: Seen) => unknown)(seen) : body;
    const response = await client.raw({
      method,
      path: path.replaceAll('{ns}', namespace),
      headers: { accept, ...(content === undefined ? {} : { 'content-type': contentType }) },
      ...(content === undefined
        ? {}
        : { body: typeof content === 'string' ? content : JSON.stringify(content).replaceAll('{ns}', namespace) }),
    });
    const text = Buffer.from(await readAll(response.body)).toString('utf8');
    if (response.status === 201 && path === definitions) await served(client, JSON.parse(text) as Definition);
    const header = (name: string): readonly string[] => [response.headers[name] ?? []].flat();
    seen.push({
      status: response.status,
      body: parsed(text),
      contentType: header('content-type').join(),
      warnings: header('warning'),
    });
  }
  return seen;
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

/** Waits until a new resource can be used: the real server serves it a moment after it has created the definition. */
async function served(client: Client, { spec }: Definition): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answers = await Promise.all(
      spec.versions.map(({ name }) =>
        client.raw({
          path: `/apis/${spec.group}/${name}/${spec.names.plural}?limit=1`,
          headers: { accept: 'application/json' },
        }),
      ),
    );
    for (const answer of answers) await readAll(answer.body);
    if (answers.every(({ status }) => status === 200)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${spec.names.plural}.${spec.group} was not served within 5 s`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // not JSON, which is an answer like any other
  }
}
