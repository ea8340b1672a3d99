import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, isJsonObject, systemClock, systemRandom } from '@bowline/apimachinery';
import { checkOptions, checkValue, rules } from '@bowline/apimachinery/arguments';
import type { DiscoveryCache, TaggedAnswer } from './ports.ts';

/** Where and how long a `kubectlCache` keeps. */
export interface KubectlCacheOptions {
  /** URL of the server, as the kubeconfig has it: each server has its own folder. */
  readonly server: string;
  /** @default the environment variable `KUBECACHEDIR`, then `~/.kube/cache` */
  readonly directory?: string | undefined;
  /**
   * For how many milliseconds groups and resources are believed without asking the server; more than 0.
   * Too long, and a changed resource keeps its old shape; a resource that is missing is looked for at once anyway.
   *
   * @default 21600000, six hours (k8s.io/cli-runtime genericclioptions/config_flags.go)
   */
  readonly ttlMs?: number | undefined;
  /** Tells the age of files. @default systemClock */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

const SIX_HOURS_MS = 6 * 60 * 60 * 1_000;
/** k8s.io/client-go discovery/cached/disk: what it makes of folders and files. */
const FOLDER_MODE = 0o750;
const FILE_MODE = 0o660;
const DIGEST_BYTES = 32;

/**
 * The files under `~/.kube/cache` in kubectl's own layout, so that both profit from what the other has read.
 *
 * @throws {TypeError | RangeError} for options that no cache can have.
 * @example
 * ```ts
 * import { Discovery, kubectlCache, type RawClient } from '@bowline/discovery';
 *
 * function discoveryOf(client: RawClient, server: string): Discovery {
 *   return new Discovery({ client, cache: kubectlCache({ server }) });
 * }
 * ```
 * @see k8s.io/cli-runtime genericclioptions `computeDiscoverCacheDir`; k8s.io/client-go discovery/cached/disk
 */
export function kubectlCache(options: KubectlCacheOptions): DiscoveryCache {
  const action = 'create discovery cache';
  checkOptions<KubectlCacheOptions>(action, options, {
    server: rules.nonEmptyString,
    directory: rules.nonEmptyString,
    ttlMs: rules.positive,
    clock: rules.object,
  });
  checkValue(action, 'server', options.server, rules.nonEmptyString);
  if (!URL.canParse(options.server))
    throw new RangeError(`Cannot ${action}: server must be a URL, got ${JSON.stringify(options.server)}`);
  const { server, directory = defaultDirectory(), ttlMs = SIX_HOURS_MS, clock = systemClock } = options;
  return new KubectlCache(server.replace(/\/+$/, ''), directory, ttlMs, clock);
}

class KubectlCache implements DiscoveryCache {
  readonly #server: string;
  readonly #documents: string;
  readonly #answers: string;
  readonly #ttlMs: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(server: string, directory: string, ttlMs: number, clock: Pick<Clock, 'now'>) {
    this.#server = server;
    this.#documents = join(directory, 'discovery', folderOf(server));
    this.#answers = join(directory, 'http');
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  async document(name: string): Promise<unknown> {
    const file = this.#file(name);
    if (file === undefined) return undefined;
    const { mtimeMs } = (await unlessMissing(stat(file))) ?? { mtimeMs: Number.NEGATIVE_INFINITY };
    if (!(this.#clock.now() - mtimeMs < this.#ttlMs)) return undefined;
    const bytes = await unlessMissing(readFile(file));
    return bytes && parsed(bytes.toString());
  }

  async keepDocument(name: string, document: unknown): Promise<void> {
    const file = this.#file(name);
    if (file !== undefined) await replace(file, Buffer.from(JSON.stringify(document)));
  }

  async answer(path: string, accept: string): Promise<TaggedAnswer | undefined> {
    const bytes = await unlessMissing(readFile(this.#answerFile(path)));
    if (bytes === undefined || bytes.length < DIGEST_BYTES) return undefined;
    const message = bytes.subarray(DIGEST_BYTES);
    if (!digest(message).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
    return answerOf(message, accept);
  }

  async keepAnswer(path: string, accept: string, answer: TaggedAnswer): Promise<void> {
    const message = messageOf(answer, accept, this.#clock.now());
    await replace(this.#answerFile(path), Buffer.concat([digest(message), message]));
  }

  /** Names come from the server: one that could lead out of the folder is not kept. */
  #file(name: string): string | undefined {
    const isSafe = name.split('/').every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
    return isSafe ? join(this.#documents, name) : undefined;
  }

  #answerFile(path: string): string {
    return join(this.#answers, digest(Buffer.from(this.#server + path)).toString('hex'));
  }
}

function defaultDirectory(): string {
  return process.env.KUBECACHEDIR || join(homedir(), '.kube', 'cache');
}

/** `https://10.0.0.1:6443` → `10.0.0.1_6443`. No part of it leads upwards. */
function folderOf(server: string): string {
  return server
    .replace(/^https?:\/\//, '')
    .replace(/[^\w/.]/g, '_')
    .split('/')
    .map((part) => (/^\.+$/.test(part) ? part.replaceAll('.', '_') : part))
    .join('/');
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** An HTTP message as kubectl's cache keeps it: `X-Varied-Accept` is the request header that the answer depends on. */
function messageOf({ etag, contentType, body }: TaggedAnswer, accept: string, nowMs: number): Buffer {
  const bytes = Buffer.from(body);
  const head = [
    'HTTP/1.1 200 OK',
    'Cache-Control: public',
    `Content-Length: ${bytes.length}`,
    `Content-Type: ${contentType}`,
    `Date: ${new Date(nowMs).toUTCString()}`,
    `Etag: ${etag}`,
    'Vary: Accept',
    `X-Varied-Accept: ${accept}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

/** Undefined for what is no whole answer, or the answer to another request. */
function answerOf(message: Buffer, accept: string): TaggedAnswer | undefined {
  const end = message.indexOf('\r\n\r\n');
  const [status = '', ...lines] = message.subarray(0, Math.max(0, end)).toString().split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const etag = headers.get('etag');
  if (!/^HTTP\/\S+ 200\b/.test(status) || etag === undefined || headers.has('transfer-encoding')) return undefined;
  if (headers.get('x-varied-accept') !== accept) return undefined;
  return { etag, contentType: headers.get('content-type') ?? '', body: message.subarray(end + 4).toString() };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // Half a file, or another program's: as good as none.
  }
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Others see the old file or the whole new one. */
async function replace(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE });
  const draft = `${file}.${systemRandom.uuid()}`;
  try {
    await writeFile(draft, bytes, { mode: FILE_MODE });
    await chmod(draft, FILE_MODE); // Whatever the umask says, as kubectl does.
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
