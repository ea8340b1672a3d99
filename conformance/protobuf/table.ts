import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { goEnvironment, hasGo } from '../src/go.ts';

/** An object as our Go program prints it. */
export interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  /** What Go writes, with the envelope; base64. */
  readonly protobuf: string;
  /** What Go reads from it. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What Go writes once it has read `json`, where that is something else than `protobuf`. */
  readonly again?: string;
  /** Raw JSON in it is not spelled as `JSON.stringify` does. */
  readonly respelled?: boolean;
}

const folder = new URL('../../tools/api-wire/table/', import.meta.url);

/** tools/api-wire/table, built for one release of Kubernetes. */
export class Table {
  readonly release: string;
  /** As `apps/v1/Deployment`. */
  readonly kinds: readonly string[];
  readonly #binary: string;

  constructor(release: string, binary: string) {
    this.release = release;
    this.kinds = execFileSync(binary, ['kinds'], { encoding: 'utf8' }).trim().split('\n');
    this.#binary = binary;
  }

  /** Objects of a kind, each only read when it is asked for. */
  async *objects(kind: string, seed: number, count: number): AsyncGenerator<Sample, void, undefined> {
    const child = spawn(this.#binary, ['objects', String(seed), String(count), kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    try {
      for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line) as Sample;
      const code = await ended;
      if (code !== 0) throw new Error(`The Go program ended with exit code ${code} at ${kind}`);
    } finally {
      child.kill();
    }
  }

  /** What Go says of pairs of messages of a kind: `same`, or what the difference is. */
  compare(kind: string, pairs: readonly (readonly [Buffer, Buffer])[]): readonly string[] {
    if (pairs.length === 0) return [];
    const input = pairs.map(([a, b]) => `${JSON.stringify([a.toString('base64'), b.toString('base64')])}\n`).join('');
    return execFileSync(this.#binary, ['compare', kind], { input, encoding: 'utf8', maxBuffer: 1 << 26 })
      .trim()
      .split('\n');
  }
}

/** Builds our Go program for both releases that the tables of packages/api are made from. */
export function buildTables(): { readonly newer: Table; readonly older: Table; remove(): void } {
  if (!hasGo()) {
    throw new Error(
      'Cannot compare with Go: there is no `go` command. Install Go 1.25 or newer; it fetches the modules of the Kubernetes API itself.',
    );
  }
  const target = mkdtempSync(join(tmpdir(), 'bowline-api-wire-'));
  const build = (release: string, ...flags: string[]): Table => {
    const binary = join(target, release);
    const env = { ...goEnvironment, GOFLAGS: '-mod=readonly -buildvcs=false' };
    execFileSync('go', ['build', ...flags, '-o', binary, '.'], { cwd: folder, env, stdio: 'inherit' });
    return new Table(release, binary);
  };
  return {
    newer: build('1.36'),
    older: build('1.35', '-tags=k135', '-modfile=go-1.35.mod'),
    remove: () => rmSync(target, { recursive: true, force: true }),
  };
}
