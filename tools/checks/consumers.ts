import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { report } from './report.ts';
import { type WorkspacePackage, workspacePackages } from './workspace.ts';

// Installs the packed packages by file into an empty project outside the workspace, then imports, requires, bundles and
// type-checks every entry point there, under each Node version that we promise.
const { values } = parseArgs({
  options: { node: { type: 'string', multiple: true, default: ['22.19.0', '24', 'latest'] } },
});
const run = promisify(execFile);
const folder = mkdtempSync(`${tmpdir()}/bowline-consumer-`);
const failures: string[] = [];
let passed = 0;

async function check(what: string, command: string, args: readonly string[], cwd = folder): Promise<void> {
  try {
    await run(command, args, { cwd, maxBuffer: 1 << 26, timeout: 300_000 });
    passed += 1;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    failures.push(`${what}: ${`${stdout ?? ''}${stderr ?? ''}`.slice(0, 2_000) || String(error)}`);
  }
}

/** What a user can import: every entry point; of a family (`./*`) one member that exists. */
function specifiers({ manifest }: WorkspacePackage): string[] {
  return Object.keys(manifest.exports ?? {}).flatMap((name) => {
    if (name === './package.json') return [];
    if (name.includes('*'))
      return manifest.name === '@bowline/api' ? ['@bowline/api/apps/v1', '@bowline/api/core/v1'] : [];
    return [manifest.name + name.slice(1)];
  });
}

try {
  const packages = workspacePackages();
  mkdirSync(`${folder}/packed`);
  for (const each of packages)
    await run('pnpm', ['pack', '--pack-destination', `${folder}/packed`], { cwd: each.folder });
  const tarballs = readdirSync(`${folder}/packed`).map((file) => `./packed/${file}`);
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs, 'typescript@6', '@types/node@22', 'esbuild'], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });

  const names = packages.flatMap(specifiers);
  writeFileSync(
    `${folder}/all.ts`,
    names.map((name, index) => `import * as m${index} from '${name}';\nvoid m${index};`).join('\n'),
  );
  for (const moduleResolution of ['nodenext', 'bundler']) {
    const config = {
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
    };
    writeFileSync(`${folder}/tsconfig.${moduleResolution}.json`, JSON.stringify(config));
    await check(`type-check with ${moduleResolution}`, 'node_modules/.bin/tsc', [
      '-p',
      `tsconfig.${moduleResolution}.json`,
    ]);
  }
  for (const [index, name] of names.entries()) {
    writeFileSync(`${folder}/import-${index}.mjs`, `import * as m from '${name}';\nif (!m) process.exit(1);\n`);
    writeFileSync(`${folder}/require-${index}.cjs`, `if (!require('${name}')) process.exit(1);\n`);
    await check(`bundle ${name}`, 'node_modules/.bin/esbuild', [
      `import-${index}.mjs`,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--minify',
      `--outfile=bundled/${index}.mjs`,
      '--log-level=error',
      "--banner:js=import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url);",
    ]);
  }
  for (const version of values.node) {
    const home = `${folder}/node-${version}`;
    mkdirSync(home);
    writeFileSync(`${home}/package.json`, '{ "private": true }');
    await run('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: home, maxBuffer: 1 << 26 });
    const node = `${home}/node_modules/node/bin/node`;
    for (const [index, name] of names.entries()) {
      await check(`import ${name} under Node ${version}`, node, [`import-${index}.mjs`]);
      await check(`require ${name} under Node ${version}`, node, [`require-${index}.cjs`]);
      await check(`bundle of ${name} under Node ${version}`, node, [`bundled/${index}.mjs`]);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`consumers: an empty project under Node ${values.node.join(', ')}`);
report({ name: 'consumers', passed, failures });
