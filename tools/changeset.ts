import { spawnSync } from 'node:child_process';
import { root } from './checks/report.ts';

// `npm run changeset`: asks what changed for users. With arguments (`-- status`, `-- --empty`) it asks nothing.
const args = process.argv.slice(2);
if (args.length === 0 && !process.stdin.isTTY) {
  console.error(
    'Cannot ask for a changeset: there is no terminal. Write .changeset/ANY-NAME.md by hand:\n\n---\n"@bowline/workqueue": minor\n---\n\nWhat a user will notice.',
  );
  process.exitCode = 1;
} else {
  process.exitCode = spawnSync('changeset', args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
