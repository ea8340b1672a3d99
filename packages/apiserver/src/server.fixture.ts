import { type HttpRequest, type HttpResponse, readAll } from '@bowline/apimachinery';
import { FakeClock, seededRandom } from '@bowline/apimachinery/testing';
import { ApiServer } from './api-server.ts';
import { isObject, type JsonObject, listAt, stringAt, valueAt } from './object.ts';
import type { ApiServerOptions } from './options.ts';

/** What a server answered. */
export class Answered {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly text: string;

  constructor(status: number, headers: HttpResponse['headers'], text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  get json(): JsonObject {
    return JSON.parse(this.text) as JsonObject;
  }

  at(...path: readonly string[]): unknown {
    return valueAt(this.json, ...path);
  }

  get message(): string {
    return stringAt(this.json, 'message');
  }

  get reason(): string {
    return stringAt(this.json, 'reason');
  }

  get resourceVersion(): string {
    return stringAt(this.json, 'metadata', 'resourceVersion');
  }

  get items(): readonly unknown[] {
    return listAt(this.json, 'items');
  }

  get names(): string[] {
    return this.items.map((item) => stringAt(item, 'metadata', 'name'));
  }
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: JsonObject;
}

/** A watch that is being read. */
export class Watching {
  readonly events: WatchedEvent[] = [];
  /** Bytes of each chunk as it came. */
  readonly chunks: Uint8Array[] = [];
  ended = false;
  readonly #stop = new AbortController();
  #rest = '';

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  async read({ body }: HttpResponse): Promise<void> {
    for await (const chunk of body) {
      this.chunks.push(chunk);
      this.#rest += Buffer.from(chunk).toString();
      const lines = this.#rest.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.events.push(JSON.parse(line) as WatchedEvent);
    }
    this.ended = true;
  }

  /** `ADDED a 5` */
  get lines(): string[] {
    return this.events.map(({ type, object }) =>
      `${type} ${stringAt(object, 'metadata', 'name')} ${stringAt(object, 'metadata', 'resourceVersion')}`.replace(
        '  ',
        ' ',
      ),
    );
  }

  stop(): void {
    this.#stop.abort();
  }
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A server on a fake clock and seeded randomness, without controllers unless asked for. */
export class TestServer {
  readonly clock: FakeClock = new FakeClock(Date.UTC(2026, 0, 1));
  readonly server: ApiServer;

  private constructor(options: ApiServerOptions, seed: number) {
    const controllers = { garbageCollection: false, namespaces: false, workloads: false };
    this.server = new ApiServer({ clock: this.clock, random: seededRandom(seed) }, { controllers, ...options });
  }

  static async start(options: ApiServerOptions = {}, seed = 1): Promise<TestServer> {
    const test = new TestServer(options, seed);
    await test.server.start();
    return test;
  }

  async request(
    method: HttpRequest['method'],
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const bytes = body === undefined ? undefined : bytesOf(body);
    const type: Readonly<Record<string, string>> = bytes === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.server.handle({
      method,
      path,
      headers: { 'user-agent': 'test/1', ...type, ...headers },
      body: bytes,
    });
    const text = Buffer.from(await readAll(response.body)).toString();
    return new Answered(response.status, response.headers, text);
  }

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered> {
    return this.request('GET', path, undefined, headers);
  }

  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered> {
    return this.request('POST', path, body, headers);
  }

  put(path: string, body: unknown): Promise<Answered> {
    return this.request('PUT', path, body);
  }

  patch(type: keyof typeof patchTypes, path: string, body: unknown): Promise<Answered> {
    return this.request('PATCH', path, body, { 'content-type': patchTypes[type] });
  }

  delete(path: string, body?: unknown): Promise<Answered> {
    return this.request('DELETE', path, body);
  }

  /** Starts to watch; events are there once the clock has settled. */
  async watch(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Watching> {
    const watching = new Watching();
    const separator = path.includes('?') ? '&' : '?';
    const request = { method: 'GET', path: `${path}${separator}watch=true`, headers, signal: watching.signal } as const;
    const response = await this.server.handle(request);
    if (response.status !== 200) throw new Error(`Watch was answered with ${response.status}`);
    void watching.read(response);
    await this.clock.settle();
    return watching;
  }
}

export const configMaps = '/api/v1/namespaces/default/configmaps';
export const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const widgets = '/apis/example.com/v1/namespaces/default/widgets';

export function configMap(name: string, data: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { metadata: { name, ...metadata }, data };
}

/** A definition of `widgets.example.com`, changed by `change`. */
export function widgetDefinition(change: (spec: JsonObject) => void = () => {}): JsonObject {
  const spec: JsonObject = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        selectableFields: [{ jsonPath: '.spec.colour' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  colour: { type: 'string', default: 'red' },
                  replicas: { type: 'integer' },
                },
              },
              status: { type: 'object', properties: { replicas: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  };
  change(spec);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec,
  };
}

export function widget(name: string, spec: JsonObject = { size: 1 }, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec };
}

/** The version of a definition, to be changed. */
export function versionOf(spec: JsonObject, index = 0): JsonObject {
  const version = listAt(spec, 'versions')[index];
  if (!isObject(version)) throw new Error(`There is no version ${index}`);
  return version;
}
