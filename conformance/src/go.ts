import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

/** The environment in which `go` is found: on the path, or where Go's own installer puts it. */
export const goEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env.PATH ?? ''}${delimiter}/usr/local/go/bin`,
};

/** Whether there is a `go` command. */
export function hasGo(): boolean {
  return spawnSync('go', ['version'], { env: goEnvironment }).status === 0;
}
