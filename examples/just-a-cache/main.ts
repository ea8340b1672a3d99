import { createServer } from 'node:http';
import { createClient, loadKubeConfig } from '@bowline/client';
import { handler, podsByNode } from './src/pods-by-node.ts';

// Needs a cluster: takes the current context of your kubeconfig. Then: curl localhost:8080/nodes/NAME/pods
const client = createClient(await loadKubeConfig());
const pods = await podsByNode(client);
createServer(handler(pods)).listen(8080, () => console.log(`${pods.size} pods, http://localhost:8080/nodes/NAME/pods`));
