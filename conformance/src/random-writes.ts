import { ConfigMap } from '@bowline/api/core/v1';
import type { Random } from '@bowline/apimachinery';
import type { Client } from '@bowline/client';

/** What was written. */
export interface Written {
  readonly created: number;
  readonly updated: number;
  readonly patched: number;
  readonly deleted: number;
}

/** Writes ConfigMaps at random: create, update, patch, delete, in the given namespaces, with 20 names in each. */
export async function randomWrites(
  client: Client,
  random: Random,
  namespaces: readonly string[],
  count: number,
  between: (index: number) => Promise<void> = async () => {},
): Promise<Written> {
  const written = { created: 0, updated: 0, patched: 0, deleted: 0 };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const names = Array.from({ length: 20 }, (_, index) => `config-${index}`);
  for (let index = 0; index < count; index += 1) {
    await between(index);
    const key = { namespace: pick(namespaces), name: pick(names) };
    const value = String(index);
    const present = await client.get(ConfigMap, key);
    if (present === undefined) {
      const labels = { parity: index % 2 === 0 ? 'even' : 'odd' };
      await client.create(ConfigMap, { metadata: { ...key, labels }, data: { value } });
      written.created += 1;
      continue;
    }
    switch (pick(['update', 'update', 'patch', 'patch', 'delete'])) {
      case 'update':
        await client.update(ConfigMap, { ...present, data: { ...present.data, value } });
        written.updated += 1;
        break;
      case 'patch':
        await client.patch(ConfigMap, key, { type: 'merge', body: { data: { patched: value } } });
        written.patched += 1;
        break;
      default:
        await client.delete(ConfigMap, key);
        written.deleted += 1;
    }
  }
  return written;
}
