import { gunzipSync } from 'node:zlib';
import { internalGzip } from './internal.generated.ts';

/**
 * The fields of a structure in order: name, `+` before it when the structure is embedded, and type: `string`, `int`, `bool`, `float`,
 * `bytes`, `raw:…` for types with a JSON form of their own, the name of a structure, and `*`, `[]`, `map:` before what they hold.
 */
export type InternalShape = readonly (readonly [name: string, type: string])[];

let shapes: Readonly<Record<string, InternalShape>> | undefined;

/** The structures by which the real server knows some objects within, and shows them in messages. Unpacked at the first call. */
export function internalShapes(): Readonly<Record<string, InternalShape>> {
  shapes ??= JSON.parse(gunzipSync(Buffer.from(internalGzip, 'base64')).toString()) as Record<string, InternalShape>;
  return shapes;
}
