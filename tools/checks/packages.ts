import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pack } from './pack.ts';
import { report, root } from './report.ts';
import { inParallel, run } from './run.ts';
import { workspacePackages } from './workspace.ts';

// publint and attw on every package as it would be published. Packages must have been built.
const target = mkdtempSync(`${tmpdir()}/bowline-pack-`);
const failures: string[] = [];
let passed = 0;
const check = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
    passed += 1;
  } catch (error) {
    failures.push((error as Error).message.replaceAll(target, ''));
  }
};

try {
  await inParallel(2, workspacePackages(), (each) =>
    check(async () => {
      const tarball = await pack(each, target);
      await check(() => run('publint', ['--strict', tarball], { cwd: root }));
      await check(() =>
        run('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'], { cwd: root }),
      );
    }),
  );
} finally {
  rmSync(target, { recursive: true, force: true });
}
report({ name: 'packages', passed, failures });
