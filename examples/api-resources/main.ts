import { parseArgs } from 'node:util';
import { createClient, loadKubeConfig } from '@bowline/client';
import { startEnv } from '@bowline/envtest';
import { apiResources, apiVersions } from './src/api-resources.ts';

// Asks the embedded server; with --cluster the current context of your kubeconfig. --wide as kubectl's `-o wide`.
const { values } = parseArgs({
  options: { cluster: { type: 'boolean', default: false }, wide: { type: 'boolean', default: false } },
});
if (values.cluster) await print(createClient(await loadKubeConfig()));
else {
  await using env = await startEnv();
  await print(env.client);
}

async function print(client: Parameters<typeof apiVersions>[0]): Promise<void> {
  console.log(`${await apiVersions(client)}\n\n${await apiResources(client, { wide: values.wide })}`);
}
