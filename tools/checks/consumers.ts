import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { pack } from './pack.ts';
import { report } from './report.ts';
import { inParallel, run } from './run.ts';
import { type WorkspacePackage, workspacePackages } from './workspace.ts';

// Installs the packed packages by file into an empty project outside the workspace, then imports, requires, bundles and
// type-checks every entry point there, under each Node version that we promise. Packages must have been built.
const { values } = parseArgs({
  options: { node: { type: 'string', multiple: true, default: ['22.19.0', '24', 'latest'] } },
});
const folder = mkdtempSync(`${tmpdir()}/bowline-consumer-`);
const failures: string[] = [];
let passed = 0;
const parallel = 2;

async function check(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    passed += 1;
  } catch (error) {
    failures.push(`${what}: ${(error as Error).message.replaceAll(folder, '').slice(0, 4_000)}`);
  }
}

/** What a user can import: every entry point; of a family (`./*`) one member that is a folder deep and the biggest one. */
function specifiers({ manifest }: WorkspacePackage): string[] {
  return Object.keys(manifest.exports ?? {}).flatMap((name) => {
    if (name === './package.json') return [];
    if (!name.includes('*')) return [manifest.name + name.slice(1)];
    if (manifest.name !== '@bowline/api') throw new Error(`Which members of ${manifest.name}${name.slice(1)} to try?`);
    return ['@bowline/api/apps/v1', '@bowline/api/core/v1'];
  });
}

/** One process tries all modules and reports those that fail, so that one failure does not hide another. */
const loader = `
const [, , form, ...targets] = process.argv;
const failed = [];
for (const target of targets) {
  try {
    const loaded = form === 'require' ? require(target) : await import(target);
    if (Object.keys(loaded).length === 0 && form !== 'bundle') throw new Error('exports nothing');
  } catch (error) {
    failed.push({ target, error: String(error?.stack ?? error) });
  }
}
console.log('RESULT' + JSON.stringify({ tried: targets.length, failed }));
`;
const requiringLoader = loader.replace('await import(target)', 'undefined');

interface Loaded {
  readonly tried: number;
  readonly failed: readonly { readonly target: string; readonly error: string }[];
}

async function load(node: string, version: string, form: string, targets: readonly string[]): Promise<void> {
  await check(`${form} under Node ${version}`, async () => {
    const script = form === 'require' ? 'load.cjs' : 'load.mjs';
    const printed = await run(node, [script, form, ...targets], { cwd: folder });
    const { tried, failed } = JSON.parse(printed.slice(printed.lastIndexOf('RESULT') + 6)) as Loaded;
    passed += tried - failed.length - 1;
    for (const { target, error } of failed) failures.push(`${form} ${target} under Node ${version}: ${error}`);
  });
}

const tsconfig = (moduleResolution: string): object => ({
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable', 'esnext.collection', 'dom'],
    module: moduleResolution === 'bundler' ? 'esnext' : 'nodenext',
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: false,
  },
  files: ['all.ts'],
});

const install = (cwd: string, specs: readonly string[]): Promise<string> =>
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...specs], { cwd });

try {
  const packages = workspacePackages();
  const tarballs = await inParallel(parallel, packages, (each) => pack(each, `${folder}/packed`));
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await install(folder, [...tarballs, 'typescript@6', '@types/node@22', 'esbuild']);

  const names = packages.flatMap(specifiers);
  writeFileSync(
    `${folder}/load.mjs`,
    `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${loader}`,
  );
  writeFileSync(`${folder}/load.cjs`, `(async () => {${requiringLoader}})();`);
  writeFileSync(
    `${folder}/all.ts`,
    names.map((name, index) => `import * as m${index} from '${name}';\nvoid m${index};`).join('\n'),
  );
  const typeChecks = ['nodenext', 'bundler'].map((moduleResolution) => ({
    what: `types with moduleResolution ${moduleResolution}`,
    work: async () => {
      writeFileSync(`${folder}/tsconfig.${moduleResolution}.json`, JSON.stringify(tsconfig(moduleResolution)));
      await run('node_modules/.bin/tsc', ['-p', `tsconfig.${moduleResolution}.json`], { cwd: folder });
    },
  }));
  const bundles = names.map((name, index) => ({
    what: `bundle ${name}`,
    work: async () => {
      writeFileSync(`${folder}/entry-${index}.mjs`, `export * from '${name}';\n`);
      const flags = [
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--minify',
        '--log-level=error',
        `--outfile=bundled/${index}.mjs`,
      ];
      const banner =
        "import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url);";
      await run('node_modules/.bin/esbuild', [`entry-${index}.mjs`, ...flags, `--banner:js=${banner}`], {
        cwd: folder,
      });
    },
  }));
  await inParallel(parallel, [...typeChecks, ...bundles], ({ what, work }) => check(what, work));

  const loaded = await inParallel(parallel, values.node, async (wanted) => {
    const home = `${folder}/node-${wanted}`;
    mkdirSync(home);
    writeFileSync(`${home}/package.json`, '{ "private": true }');
    await install(home, [`node@${wanted}`]);
    const node = `${home}/node_modules/node/bin/node`;
    const version = (await run(node, ['--version'], { cwd: home })).trim();
    await load(node, version, 'import', names);
    await load(node, version, 'require', names);
    await load(
      node,
      version,
      'bundle',
      names.map((_, index) => `./bundled/${index}.mjs`),
    );
    return version;
  });
  console.log(`consumers: ${names.length} entry points of ${packages.length} packages under Node ${loaded.join(', ')}`);
} catch (error) {
  failures.push((error as Error).message);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report({ name: 'consumers', passed, failures });
