import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the real kubectl is: `KUBECTL`, else beside the real control plane. */
export function kubectlPath(env: NodeJS.ProcessEnv = process.env): string {
  const path = env.KUBECTL ?? (env.KUBEBUILDER_ASSETS === undefined ? '' : join(env.KUBEBUILDER_ASSETS, 'kubectl'));
  if (path === '' || !existsSync(path))
    throw new Error(`Cannot find kubectl: KUBECTL or KUBEBUILDER_ASSETS must name it, got "${path}"`);
  return path;
}
