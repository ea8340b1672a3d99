import { startEnv } from '@bowline/envtest';
import { expect, test } from 'vitest';
import { apiResources, apiVersions } from './api-resources.ts';

test('apiVersions and apiResources print in the format of kubectl', async () => {
  await using env = await startEnv({ controllers: false });
  const versions = (await apiVersions(env.client)).split('\n');
  expect(versions).toEqual(versions.toSorted());
  expect(versions).toEqual(expect.arrayContaining(['apps/v1', 'batch/v1', 'v1']));
  const [head, ...lines] = (await apiResources(env.client)).split('\n');
  expect(head).toMatch(/^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND$/);
  expect(lines.some((line) => /^deployments +deploy +apps\/v1 +true +Deployment$/.test(line))).toBe(true);
});
