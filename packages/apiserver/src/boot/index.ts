import { formatTime } from '@bowline/apimachinery';
import type { Services } from '../call.ts';
import { once, unpackText } from '../data/index.ts';
import { storeKey } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import { bootObjectsGzip } from './objects.generated.ts';

const packed: () => string = once(() => unpackText(bootObjectsGzip));

/** The objects, with the words that stand for what is new each time replaced. */
function bootObjects(now: string): ServerObject[] {
  const text = packed()
    .replaceAll('"$now"', JSON.stringify(now))
    .replaceAll('"$today"', JSON.stringify(now.slice(0, 10)));
  return JSON.parse(text) as ServerObject[];
}

/** Stores what a kube-apiserver creates by itself when it starts: namespaces, roles, priority classes, the service `kubernetes`, … */
export function boot({ clock, random, store }: Services, registry: Registry): void {
  const now = formatTime(clock.now());
  const resources = new Map(
    registry
      .catalog()
      .groups.flatMap(({ versions }) => versions.flatMap(({ endpoints }) => endpoints))
      .map((endpoint) => [`${endpoint.apiVersion} ${endpoint.kind}`, endpoint]),
  );
  for (const object of bootObjects(now)) {
    const endpoint = resources.get(`${object.apiVersion} ${object.kind}`);
    const { name = '', namespace = '', ...metadata } = object.metadata;
    const place = namespace === '' ? { name } : { name, namespace };
    object.metadata = { ...place, uid: random.uuid(), resourceVersion: '', ...metadata };
    if (endpoint?.collection === undefined) throw new Error(`Nothing serves ${object.apiVersion} ${object.kind}`);
    endpoint.collection.put(storeKey(endpoint, namespace, name), object);
  }
  store.compact(store.current);
}
