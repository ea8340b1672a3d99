import { gunzipSync } from 'node:zlib';
import { applyGzip } from './apply.generated.ts';
import type { OpenApiSchema } from './tables.ts';

type Json = Record<string, unknown>;

/** A request of a scenario that the real server was sent, and what it answered; for tests only. */
export interface RecordedStep {
  readonly do: 'create' | 'put' | 'merge' | 'json' | 'strategic' | 'apply';
  readonly subresource?: string;
  readonly manager: string;
  readonly force?: boolean;
  readonly version?: string;
  readonly body: unknown;
  readonly code: number;
  /** The object after the request. */
  readonly object?: Json;
  /** The Status of a request that failed. */
  readonly error?: { readonly message: string; readonly reason?: string; readonly details?: { readonly causes?: readonly Json[] } };
}

export interface RecordedScenario {
  readonly name: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string; readonly resource: string };
  readonly steps: readonly RecordedStep[];
}

/** Scenarios of server-side apply, with the schema of the custom resource that plays in some. */
export function recordedApply(): { readonly schema: OpenApiSchema; readonly scenarios: readonly RecordedScenario[] } {
  return JSON.parse(gunzipSync(Buffer.from(applyGzip, 'base64')).toString());
}
