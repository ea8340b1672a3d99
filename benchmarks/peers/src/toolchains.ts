import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';

const run = promisify(execFile);
const sources = new URL('../', import.meta.url).pathname;
const cache = `${process.env.XDG_CACHE_HOME ?? `${homedir()}/.cache`}/bowline-peers`;
/** Inside `benchmarks`, so that programs find what it depends on. */
const nodeFolder = new URL('../../node_modules/.cache/peers/', import.meta.url).pathname;
const buildLimitMs = 1_800_000;

/** What it takes to build and run a program. */
export type Toolchain = 'node' | 'go' | 'rust';

interface Compiler {
  readonly command: string;
  /** What to do where it is missing. */
  readonly advice: string;
  readonly sources: readonly string[];
  readonly programs: readonly string[];
  build(folder: string): Promise<void>;
}

const compilers: Readonly<Record<Exclude<Toolchain, 'node'>, Compiler>> = {
  go: {
    command: 'go',
    advice: 'Go 1.26 or newer, https://go.dev/dl',
    sources: ['go.mod', 'go.sum', '{server,client-go,queues}/*.go'],
    programs: ['server', 'client-go', 'queues'],
    async build(folder) {
      await run('go', ['build', '-o', folder, './server', './client-go', './queues'], options());
    },
  },
  rust: {
    command: 'cargo',
    advice: 'Rust 1.88 or newer, https://rustup.rs',
    sources: ['kube-rs/Cargo.*', 'kube-rs/src/**/*.rs'],
    programs: ['kube-rs-peer', 'reconciles'],
    async build(folder) {
      const target = `${cache}/cargo-target`;
      const env = { ...process.env, CARGO_TARGET_DIR: target };
      await run('cargo', ['build', '--release', '--locked', '--manifest-path', 'kube-rs/Cargo.toml'], options(env));
      for (const program of this.programs) copyFileSync(`${target}/release/${program}`, `${folder}/${program}`);
    },
  },
};

const options = (env = process.env) => ({ cwd: sources, env, timeout: buildLimitMs, maxBuffer: 1 << 26 });

/** The programs that could be built, and what is missing for the others. */
export interface Programs {
  /** The file of a program. @throws when its toolchain is missing. */
  file(toolchain: Toolchain, program: string): string;
  readonly available: ReadonlySet<Toolchain>;
  /** One clear line for each toolchain that is missing or has failed. */
  readonly problems: readonly string[];
  /** What was built by what, as the compilers say it. */
  readonly versions: readonly string[];
}

/**
 * Builds every program whose toolchain is there, outside the sources; what has been built from the same sources before is taken again.
 *
 * @param ours Which of our packages the programs run on: as they were built, or their sources.
 */
export async function buildPrograms(say: (line: string) => void, ours: 'built' | 'sources'): Promise<Programs> {
  const folders = new Map<Toolchain, string>([['node', nodeFolder]]);
  const problems: string[] = [];
  const versions: string[] = [`Node ${process.versions.node}`];
  await buildNodePrograms(ours);
  for (const [toolchain, compiler] of Object.entries(compilers) as [Toolchain, Compiler][]) {
    const version = await run(compiler.command, [compiler.command === 'go' ? 'version' : '--version'], options()).catch(
      () => undefined,
    );
    if (version === undefined) {
      problems.push(`"${compiler.command}" is missing: install ${compiler.advice}`);
      continue;
    }
    versions.push(version.stdout.trim());
    const folder = `${cache}/${toolchain}-${fingerprint(compiler.sources, version.stdout)}/`;
    if (!existsSync(folder)) {
      say(
        `building ${compiler.programs.join(', ')} with ${compiler.command}; this is done once, and takes some minutes`,
      );
      try {
        await buildInto(folder, compiler);
      } catch (error) {
        const [first] = String((error as { stderr?: string }).stderr || error).split('\n', 1);
        problems.push(`"${compiler.command} build" has failed: ${first}`);
        continue;
      }
    }
    folders.set(toolchain, folder);
  }
  return {
    available: new Set(folders.keys()),
    problems,
    versions,
    file(toolchain, program) {
      const folder = folders.get(toolchain);
      if (folder === undefined) throw new Error(`Cannot run ${program}: its toolchain "${toolchain}" is missing`);
      return folder + program + (toolchain === 'node' ? '.mjs' : '');
    },
  };
}

/** A folder is there when all that belongs into it is. */
async function buildInto(folder: string, compiler: Compiler): Promise<void> {
  const unfinished = `${folder.slice(0, -1)}.${process.pid}/`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await compiler.build(unfinished);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function fingerprint(patterns: readonly string[], version: string): string {
  const hash = createHash('sha256').update(version);
  for (const file of globSync([...patterns], { cwd: sources }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(sources + file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** As JavaScript, as a user's program is: Node's own handling of TypeScript would take memory. */
async function buildNodePrograms(ours: 'built' | 'sources'): Promise<void> {
  rmSync(nodeFolder, { recursive: true, force: true });
  await build({
    entryPoints: globSync('src/programs/{bowline-*,make-informer}.ts', { cwd: sources }).map((file) => sources + file),
    outdir: nodeFolder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    ...(ours === 'built'
      ? { packages: 'external' }
      : { conditions: ['@bowline/source'], plugins: [othersStayOutside] }),
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
}

/** Our packages become part of a program; those of others are loaded from where ours have them. */
const othersStayOutside: Plugin = {
  name: 'others stay outside',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (
        kind === 'entry-point' ||
        path.startsWith('@bowline/') ||
        path.startsWith('node:') ||
        pluginData === 'found'
      ) {
        return undefined;
      }
      const found = await resolve(path, { importer, kind, resolveDir, pluginData: 'found' });
      return { path: found.path, external: true };
    });
  },
};
