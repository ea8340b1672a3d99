import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { root } from './checks/report.ts';
import { workspacePackages } from './checks/workspace.ts';
import { turbo } from './turbo.ts';

// Versions come from the changesets, tarballs from `pnpm publish`. `--dry-run` does everything but change files and upload.
const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const dryRun = values['dry-run'];

function run(command: string, args: readonly string[], cwd = root): void {
  console.log(`$ ${[command, ...args].join(' ')}${cwd === root ? '' : `  (${cwd.slice(root.length)})`}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
}

async function release(): Promise<void> {
  run('changeset', [dryRun ? 'status' : 'version']);
  if ((await turbo(['run', 'build', '--filter=./packages/*', '--output-logs=errors-only'])) !== 0)
    throw new Error('Cannot release: the build failed');
  for (const { folder } of workspacePackages())
    run('pnpm', ['publish', '--access', 'public', '--no-git-checks', ...(dryRun ? ['--dry-run'] : [])], folder);
  if (dryRun) console.log('Dry run: no version was changed and nothing was published.');
  else run('changeset', ['tag']);
}

const dirty = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
if (dirty !== '' && !dryRun) {
  console.error(`Cannot release: the work tree must be clean, got\n${dirty}`);
  process.exitCode = 1;
} else {
  await release();
}
