import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emitModule, emitTable } from './emit.ts';
import { readKinds } from './kinds.ts';
import { readModels } from './models.ts';
import { layOut } from './modules.ts';

/**
 * What Kubernetes 1.35 serves and 1.36, which the source was generated from, no longer does: its files still lie in the
 * source's folders.
 */
const leftovers = {
  apis: ['SchedulingV1alpha1Api'],
  models: [
    ...['V1alpha1Workload', 'V1alpha1WorkloadList', 'V1alpha1WorkloadSpec', 'V1alpha1PodGroup'],
    ...['V1alpha1PodGroupPolicy', 'V1alpha1GangSchedulingPolicy', 'V1alpha1TypedLocalObjectReference'],
  ],
};

const here = fileURLToPath(new URL('.', import.meta.url));
const api = fileURLToPath(new URL('../../packages/api/', import.meta.url));
const target = `${api}src/generated`;

const source = dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node'));
const { version } = JSON.parse(readFileSync(`${source}/../package.json`, 'utf8')) as { version: string };

// Nothing to do when neither the source nor this generator has changed.
const tool = readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => readFileSync(here + file, 'utf8'));
const stamp = createHash('sha256')
  .update([version, ...tool].join('\0'))
  .digest('hex');
const stampFile = `${target}/.stamp`;
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  const models = readModels(`${source}/gen`, leftovers.models);
  const layout = layOut(models, readKinds(`${source}/gen`, leftovers.apis));
  rmSync(target, { recursive: true, force: true });
  for (const module of layout.modules) {
    mkdirSync(dirname(`${target}/${module.name}`), { recursive: true });
    writeFileSync(`${target}/${module.name}.ts`, emitModule(module, layout, models));
  }
  writeFileSync(`${api}src/builtin-kinds.generated.ts`, emitTable(layout));
  writeFileSync(stampFile, stamp);
  const kinds = layout.modules.reduce((sum, module) => sum + module.kinds.length, 0);
  console.log(`api-types: ${kinds} kinds in ${layout.modules.length} modules from @kubernetes/client-node ${version}`);
}
