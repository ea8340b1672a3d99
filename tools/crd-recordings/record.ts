import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ControlPlane,
  findAssets,
  kubernetesVersion,
  startControlPlane,
} from '../apiserver-data/control-plane.ts';
import { definitionChanges, definitions, plainDefinition } from './testdata/definitions.ts';
import { scenarios } from './testdata/objects.ts';
import { loose, statusUpdates, strict, updates } from './testdata/updates.ts';

// Sends definitions, objects and updates to a real kube-apiserver and writes down what it answers.

interface Answer {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly message?: string;
    readonly details?: { readonly causes?: readonly { reason: string; field: string; message: string }[] };
  };
}

const target = new URL('../../packages/crd/testdata/', import.meta.url);
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const group = 'recorded.example.com';
const establishedMs = 5_000;

function causesOf({ body }: Answer): string[][] {
  return (body.details?.causes ?? []).map(({ reason, field, message }) => [reason, field, message]);
}

class Recorder {
  readonly #server: ControlPlane;

  constructor(server: ControlPlane) {
    this.#server = server;
  }

  async definitions(): Promise<unknown[]> {
    const recorded: unknown[] = [];
    for (const [name, definition] of Object.entries(definitions())) {
      const answer = await this.#send('POST', `${crds}?dryRun=All`, definition);
      recorded.push({ name, definition, code: answer.code, causes: causesOf(answer) });
    }
    return recorded;
  }

  async definitionUpdates(): Promise<unknown> {
    const { code, body } = await this.#send('POST', crds, plainDefinition());
    if (code !== 201) throw new Error(`Cannot define: ${body.message}`);
    await sleep(establishedMs);
    const path = `${crds}/${plainDefinition().metadata.name}`;
    const { body: old } = await this.#send('GET', path);
    const updates: unknown[] = [];
    for (const [name, change] of Object.entries(definitionChanges())) {
      const now = structuredClone(old);
      change(now);
      const answer = await this.#send('PUT', `${path}?dryRun=All`, now);
      updates.push({ name, now, code: answer.code, causes: causesOf(answer) });
    }
    return { old, updates };
  }

  async objects(): Promise<unknown[]> {
    for (const [name, { schema, extra }] of Object.entries(scenarios)) await this.#define(name, schema, extra);
    await sleep(establishedMs);
    const recorded: unknown[] = [];
    for (const [name, { schema, extra = {}, objects }] of Object.entries(scenarios)) {
      const answers: unknown[] = [];
      for (const object of objects) answers.push(await this.#create(name, object));
      recorded.push({ name, schema, extra, objects: answers });
    }
    return recorded;
  }

  async updates(): Promise<unknown> {
    await this.#define('thing', loose);
    await this.#define('part', loose);
    await sleep(establishedMs);
    await this.#store('thing', updates);
    await this.#store('part', statusUpdates);
    await this.#redefine('thing', {});
    await this.#redefine('part', { subresources: { status: {} } });
    await sleep(establishedMs);
    return {
      schema: strict,
      updates: await this.#update('thing', updates, ''),
      statusUpdates: await this.#update('part', statusUpdates, '/status'),
    };
  }

  /** What becomes of an object that is created, and which of its fields are unknown. */
  async #create(name: string, members: Readonly<Record<string, unknown>>): Promise<unknown> {
    const object = { apiVersion: `${group}/v1`, kind: kindOf(name), metadata: { name: 'x' }, ...members };
    const answer = await this.#send('POST', `${pathOf(name)}?dryRun=All&fieldValidation=Ignore`, object);
    const strictly = await this.#send('POST', `${pathOf(name)}?dryRun=All&fieldValidation=Strict`, object);
    const unknown = [...(strictly.body.message ?? '').matchAll(/unknown field "([^"]*)"/g)].map((match) => match[1]);
    if (answer.code === 422) return { object: members, code: answer.code, causes: causesOf(answer) };
    if (answer.code !== 201) return { object: members, code: answer.code, message: answer.body.message };
    const { apiVersion: _, kind: __, metadata: ___, ...stored } = answer.body;
    return { object: members, code: answer.code, stored, unknown };
  }

  async #store(name: string, pairs: readonly (readonly [unknown, unknown])[]): Promise<void> {
    for (const [index, [old]] of pairs.entries()) {
      const object = {
        apiVersion: `${group}/v1`,
        kind: kindOf(name),
        metadata: { name: `o${index}` },
        ...(old as object),
      };
      const { code, body } = await this.#send('POST', pathOf(name), object);
      if (code !== 201) throw new Error(`Cannot store ${JSON.stringify(object)}: ${body.message}`);
    }
  }

  async #update(
    name: string,
    pairs: readonly (readonly [unknown, unknown])[],
    subresource: string,
  ): Promise<unknown[]> {
    const recorded: unknown[] = [];
    for (const [index, [old, members]] of pairs.entries()) {
      const path = `${pathOf(name)}/o${index}`;
      const { apiVersion, kind, metadata } = (await this.#send('GET', path)).body;
      const rest = subresource === '' ? {} : (old as object);
      const now = { apiVersion, kind, metadata, ...rest, ...(members as object) };
      const answer = await this.#send('PUT', `${path}${subresource}?dryRun=All`, now);
      recorded.push({ old, now: { ...rest, ...(members as object) }, code: answer.code, causes: causesOf(answer) });
    }
    return recorded;
  }

  async #define(name: string, schema: unknown, extra: object = {}): Promise<void> {
    const { code, body } = await this.#send('POST', crds, definition(name, schema, extra));
    if (code !== 201) throw new Error(`Cannot define ${name}: ${body.message}`);
  }

  async #redefine(name: string, extra: object): Promise<void> {
    const path = `${crds}/${name}s.${group}`;
    const { metadata } = (await this.#send('GET', path)).body;
    const { code, body } = await this.#send('PUT', path, { ...definition(name, strict, extra), metadata });
    if (code !== 200) throw new Error(`Cannot redefine ${name}: ${body.message}`);
  }

  async #send(method: string, path: string, body?: unknown): Promise<Answer> {
    const { code, text } = await this.#server.send(method, path, body);
    return { code, body: JSON.parse(text) as Answer['body'] };
  }
}

function definition(name: string, schema: unknown, extra: object): object {
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...extra };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}s.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural: `${name}s`, kind: kindOf(name) }, versions: [version] },
  };
}

function kindOf(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function pathOf(name: string): string {
  return `/apis/${group}/v1/namespaces/default/${name}s`;
}

/** Pretty down to the single cases, which take a line each. */
function write(file: string, value: unknown): void {
  const line = (each: unknown): string => JSON.stringify(each).replaceAll('\u2028', '\\u2028');
  const lines = (list: readonly unknown[]): string => `[\n${list.map((each) => `    ${line(each)}`).join(',\n')}\n  ]`;
  const members = Object.entries(value as object).map(([key, member]) => {
    return `  ${JSON.stringify(key)}: ${Array.isArray(member) ? lines(member) : line(member)}`;
  });
  writeFileSync(new URL(file, target), `{\n${members.join(',\n')}\n}\n`);
}

const assets = findAssets();
if (assets === undefined) {
  console.error(
    `crd-recordings needs etcd and kube-apiserver ${kubernetesVersion}: set KUBEBUILDER_ASSETS, or run the conformance build once`,
  );
  process.exit(1);
}
await using server = await startControlPlane(assets);
const recorder = new Recorder(server);
const source = `kube-apiserver ${kubernetesVersion}`;
mkdirSync(target, { recursive: true });
const recordedDefinitions = await recorder.definitions();
write('definitions.json', { source, definitions: recordedDefinitions });
write('definition-updates.json', { source, ...((await recorder.definitionUpdates()) as object) });
const scenariosRecorded = await recorder.objects();
write('objects.json', { source, scenarios: scenariosRecorded });
write('updates.json', { source, ...((await recorder.updates()) as object) });
console.log(
  `crd-recordings: ${recordedDefinitions.length} definitions, ${Object.keys(scenarios).length} schemas, ${updates.length + statusUpdates.length} updates, answered by ${source}`,
);
