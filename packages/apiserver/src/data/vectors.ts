import { gunzipSync } from 'node:zlib';
import { vectorsGzip } from './vectors.generated.ts';

/** What Kubernetes' own Go code makes of sampled input; for tests only. */
export interface Vectors {
  readonly protobuf: readonly { apiVersion: string; kind: string; protobuf: string; json: Record<string, unknown> }[];
  readonly read: readonly { apiVersion: string; kind: string; input: string; json?: Record<string, unknown>; error?: string }[];
  readonly patches: readonly {
    apiVersion: string;
    kind: string;
    original: Record<string, unknown>;
    patch: Record<string, unknown>;
    result?: Record<string, unknown>;
    error?: string;
  }[];
  readonly quantities: readonly TextVector[];
  readonly times: readonly TextVector[];
  readonly microTimes: readonly TextVector[];
}

export interface TextVector {
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
}

export function vectors(): Vectors {
  return JSON.parse(gunzipSync(Buffer.from(vectorsGzip, 'base64')).toString()) as Vectors;
}
