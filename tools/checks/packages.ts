import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { report, root } from './report.ts';
import { workspacePackages } from './workspace.ts';

const run = promisify(execFile);
const target = mkdtempSync(`${tmpdir()}/bowline-pack-`);
const failures: string[] = [];
let passed = 0;

async function check(what: string, command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(command, args, { cwd, maxBuffer: 1 << 26 });
    passed += 1;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    failures.push(`${what}: ${stdout ?? ''}${stderr ?? ''}`);
  }
}

try {
  for (const { folder, manifest } of workspacePackages()) {
    const name = manifest.name;
    await run('pnpm', ['pack', '--pack-destination', target], { cwd: folder });
    const tarball = readdirSync(target).find((file) =>
      file.startsWith(`${name.replace('@', '').replace('/', '-')}-${manifest.version}`),
    );
    if (tarball === undefined) {
      failures.push(`${name}: pnpm pack wrote no tarball`);
      continue;
    }
    await check(`publint ${name}`, 'publint', ['--strict', `${target}/${tarball}`], root);
    await check(`attw ${name}`, 'attw', [`${target}/${tarball}`, '--profile', 'esm-only', '--no-emoji'], root);
  }
} finally {
  rmSync(target, { recursive: true, force: true });
}
report({ name: 'packages', passed, failures });
