import { loadKubeConfig } from '@bowline/client';
import { shutdownSignal } from '@bowline/controller-runtime';
import { nodeToService } from './src/node-to-service.ts';

// Needs a cluster: takes the current context of your kubeconfig.
await nodeToService(await loadKubeConfig()).run(shutdownSignal());
