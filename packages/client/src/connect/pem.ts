import type { Clock } from '@bowline/apimachinery';
import { invalidConfig } from '../errors.ts';
import { FreshFile } from './fresh-file.ts';

/** client-go transport/cert_rotation.go and ca_rotation.go */
const PEM_FILE_MAX_AGE_MS = 300_000;

/** A certificate or key: in the configuration, or in a file that may change. */
export interface PemSource {
  read(): Promise<string>;
  /** The other side did not accept it: read again next time. */
  expire(): void;
}

/** Where a PEM comes from; undefined when neither data nor file is given. Data wins. `what` is what messages call it. */
export function pemSource(
  data: string | undefined,
  path: string | undefined,
  what: string,
  clock: Clock,
): PemSource | undefined {
  if (data !== undefined && data !== '') return { read: async () => pemOf(data, what), expire() {} };
  if (path === undefined || path === '') return undefined;
  const file = new FreshFile(clock, { path, what, maxAgeMs: PEM_FILE_MAX_AGE_MS });
  return { read: async () => pemOf(await file.read(), what), expire: () => file.expire() };
}

/** Reads PEM, or the base64 of it that stands in kubeconfig files. */
function pemOf(data: string, what: string): string {
  if (data.includes('-----BEGIN ')) return data;
  const text = Buffer.from(data, 'base64').toString('utf8');
  if (text.includes('-----BEGIN ')) return text;
  throw invalidConfig(`Cannot use ${what}: it must be PEM or the base64 of PEM`);
}
