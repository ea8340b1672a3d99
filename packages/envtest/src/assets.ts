import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { checkValue, rules } from '@bowline/apimachinery/arguments';
import { EnvError } from './errors.ts';

/** The programs of a real control plane. */
export interface Assets {
  readonly etcd: string;
  readonly kubeApiserver: string;
  /** Present when the folder has it; garbage collection and workloads need it. */
  readonly kubeControllerManager?: string | undefined;
}

/** Where kubebuilder installs its binaries when nobody says otherwise. */
const defaultFolder = '/usr/local/kubebuilder/bin';

/**
 * Finds the binaries: `TEST_ASSET_ETCD`, `TEST_ASSET_KUBE_APISERVER` and `TEST_ASSET_KUBE_CONTROLLER_MANAGER`
 * win over `folder`, which wins over `KUBEBUILDER_ASSETS`.
 *
 * @throws {TypeError} {RangeError} when `folder` is no path.
 * @throws {EnvError} `ENVTEST_ASSETS_MISSING`, which names each path that was tried.
 * @see sigs.k8s.io/controller-runtime/pkg/envtest, whose variables these are
 */
export function findAssets(folder?: string | undefined, env: NodeJS.ProcessEnv = process.env): Assets {
  if (folder !== undefined) checkValue('find the real control plane', 'folder', folder, rules.nonEmptyString);
  const home = folder ?? env.KUBEBUILDER_ASSETS ?? defaultFolder;
  const etcd = env.TEST_ASSET_ETCD ?? join(home, 'etcd');
  const kubeApiserver = env.TEST_ASSET_KUBE_APISERVER ?? join(home, 'kube-apiserver');
  const kubeControllerManager = env.TEST_ASSET_KUBE_CONTROLLER_MANAGER ?? join(home, 'kube-controller-manager');
  const missing = [etcd, kubeApiserver].filter((path) => !isExecutable(path));
  if (missing.length > 0) {
    throw new EnvError(
      'ENVTEST_ASSETS_MISSING',
      `Cannot start the real control plane: no executable at ${missing.map((path) => `"${path}"`).join(' and ')}; set KUBEBUILDER_ASSETS to the folder that holds etcd and kube-apiserver`,
    );
  }
  return {
    etcd,
    kubeApiserver,
    kubeControllerManager: isExecutable(kubeControllerManager) ? kubeControllerManager : undefined,
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: both mean "not here", which the caller reports with the path
  }
}
