import { createServer } from 'node:http';
import { loadKubeConfig } from '@bowline/client';
import { Channel, shutdownSignal } from '@bowline/controller-runtime';
import { repositoryBuilder } from './src/builder.ts';
import { type PushEvent, pushWebhook } from './src/push-webhook.ts';

// Needs a cluster with the CRD of src/repository.ts, and WEBHOOK_SECRET.
const secret = process.env.WEBHOOK_SECRET;
if (secret === undefined) throw new Error('Cannot start: WEBHOOK_SECRET must be set');
const pushes = new Channel<PushEvent>({ capacity: 1024 });
const server = createServer(pushWebhook(secret, pushes)).listen(8080);
const host = {
  head: async () => 'HEAD',
  build: async (repository: string, commit: string) => console.log(`building ${repository} at ${commit}`),
};
await repositoryBuilder(await loadKubeConfig(), pushes, host).run(shutdownSignal());
server.close();
