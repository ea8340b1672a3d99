import { gunzipSync } from 'node:zlib';
import { formatTime, isJsonObject, setMember } from '@bowline/apimachinery';
import type { Services } from '../call.ts';
import { storeKey } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import { bootObjectsGzip } from './objects.generated.ts';

/** Unpacked once for all servers; nobody changes them. */
let templates: readonly ServerObject[] | undefined;

function bootObjects(): readonly ServerObject[] {
  templates ??= JSON.parse(gunzipSync(Buffer.from(bootObjectsGzip, 'base64')).toString()) as ServerObject[];
  return templates;
}

/** Stores what a kube-apiserver creates by itself when it starts: namespaces, roles, priority classes, the service `kubernetes`, … */
export function boot({ clock, random, store }: Services, registry: Registry): void {
  const now = formatTime(clock.now());
  const words: Readonly<Record<string, string>> = { $now: now, $today: now.slice(0, 10) };
  const resources = new Map(
    registry
      .catalog()
      .groups.flatMap(({ versions }) => versions.flatMap(({ endpoints }) => endpoints))
      .map((endpoint) => [`${endpoint.apiVersion} ${endpoint.kind}`, endpoint]),
  );
  for (const template of bootObjects()) {
    const endpoint = resources.get(`${template.apiVersion} ${template.kind}`);
    const object = filled(template, words) as ServerObject;
    const { namespace = '', name = '' } = object.metadata;
    object.metadata.uid = random.uuid();
    if (endpoint?.collection === undefined) throw new Error(`Nothing serves ${template.apiVersion} ${template.kind}`);
    endpoint.collection.put(storeKey(endpoint, namespace, name), object);
  }
  store.compact(store.current);
}

/** A copy with the words that stand for what is new each time replaced. */
function filled(value: unknown, words: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return words[value] ?? value;
  if (Array.isArray(value)) return value.map((one) => filled(one, words));
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) setMember(copy, name, filled(member, words));
  return copy;
}
