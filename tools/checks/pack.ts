import { mkdirSync, readdirSync } from 'node:fs';
import { run } from './run.ts';
import type { WorkspacePackage } from './workspace.ts';

/** Packs a package as `pnpm publish` would and returns the path of its tarball. */
export async function pack({ folder, manifest }: WorkspacePackage, target: string): Promise<string> {
  const own = `${target}/${manifest.name.replaceAll(/[^a-z-]/g, '')}`;
  mkdirSync(own, { recursive: true });
  await run('pnpm', ['pack', '--pack-destination', own], { cwd: folder });
  const tarball = readdirSync(own).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`${manifest.name}: pnpm pack wrote no tarball`);
  return `${own}/${tarball}`;
}
