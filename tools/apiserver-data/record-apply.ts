import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type Live,
  objectName,
  type Scenario,
  type ScenarioKind,
  type Step,
  scenarios,
  widgetCrd,
  widgetSchema,
} from './apply-scenarios.ts';
import { type ControlPlane, findAssets, kubernetesVersion, type Received, startControlPlane } from './control-plane.ts';

const file = new URL('../../packages/apiserver/src/data/apply.generated.ts', import.meta.url);
const contentTypes = {
  create: 'application/json',
  put: 'application/json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

function pathOf({ group, version, resource }: ScenarioKind, at = version): string {
  return `${group === '' ? `/api/${at}` : `/apis/${group}/${at}`}/namespaces/default/${resource}`;
}

/** Plays a scenario; what it returns is the same in every run. */
async function play(server: ControlPlane, scenario: Scenario): Promise<unknown> {
  const collection = pathOf(scenario.kind);
  const recorded: Live[] = [];
  let live: Live;
  for (const step of scenario.steps) {
    // Entries are sorted by their times, which have seconds only: every step has a second of its own.
    await sleep(1000 - (Date.now() % 1000) + 20);
    const body = typeof step.body === 'function' ? step.body(live) : step.body;
    const answer = await send(server, scenario.kind, step, body);
    if (answer.code < 400) live = JSON.parse(await server.get(`${collection}/${objectName}`));
    const { do: verb, subresource, manager, force, version } = step;
    const result = answer.code < 400 ? { object: live } : { error: JSON.parse(answer.text) };
    recorded.push({ do: verb, subresource, manager, force, version, body, code: answer.code, ...result });
  }
  if (live !== undefined) {
    await server.send('PATCH', `${collection}/${objectName}`, { metadata: { finalizers: null } }, contentTypes.merge);
    await server.send('DELETE', `${collection}/${objectName}?gracePeriodSeconds=0`, {});
  }
  return { name: scenario.name, kind: scenario.kind, steps: masked(recorded) };
}

function send(server: ControlPlane, kind: ScenarioKind, step: Step, body: unknown): Promise<Received> {
  const collection = pathOf(kind, step.version);
  const query = `?fieldManager=${step.manager}${step.do === 'apply' ? `&force=${step.force === true}` : ''}`;
  if (step.do === 'create') return server.send('POST', `${collection}${query}`, body);
  const path = `${collection}/${objectName}${step.subresource === undefined ? '' : `/${step.subresource}`}${query}`;
  return server.send(step.do === 'put' ? 'PUT' : 'PATCH', path, body, contentTypes[step.do]);
}

/** Replaces what differs from run to run: times of this run, uids and resource versions, each by its rank. */
function masked(steps: unknown): unknown {
  let text = JSON.stringify(steps);
  const started = new Date().getUTCFullYear() - 1;
  const times = [...new Set(text.match(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g))]
    .filter((time) => Number(time.slice(0, 4)) > started)
    .sort();
  for (const [index, time] of times.entries()) {
    text = text.replaceAll(time, new Date(Date.UTC(2024, 0, 1, 0, 0, index + 1)).toISOString().replace('.000', ''));
  }
  for (const [index, [uid]] of [...text.matchAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)].entries()) {
    text = text.replaceAll(uid, `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
  }
  const versions = [
    ...new Set([...text.matchAll(/"resourceVersion":"(\d+)"/g)].map(([, version]) => Number(version))),
  ].sort((a, b) => a - b);
  return JSON.parse(
    text.replace(
      /"resourceVersion":"(\d+)"/g,
      (_, version) => `"resourceVersion":"${versions.indexOf(Number(version)) + 1}"`,
    ),
  );
}

async function record(assets: string): Promise<unknown> {
  await using server = await startControlPlane(assets);
  const crd = await server.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetCrd);
  if (crd.code !== 201) throw new Error(`The CustomResourceDefinition was refused: ${crd.text}`);
  await sleep(3000);
  const played: unknown[] = [];
  for (const scenario of scenarios) {
    console.log(`${scenario.name}: ${scenario.steps.length} steps`);
    played.push(await play(server, scenario));
  }
  return { schema: widgetSchema, scenarios: played };
}

const assets = findAssets();
if (assets === undefined) {
  console.error(
    'Cannot ask the real server: etcd and kube-apiserver are neither in KUBEBUILDER_ASSETS nor in the cache',
  );
  process.exit(1);
}
const json = JSON.stringify(await record(assets));
const before = await readFile(file, 'utf8').catch(() => '');
const packed = /^ {2}'([A-Za-z0-9+/=]+)';$/m.exec(before)?.[1];
const same = packed !== undefined && gunzipSync(Buffer.from(packed, 'base64')).toString() === json;
if (same) console.log('apply.generated.ts: up to date');
else if (process.argv.includes('--check')) {
  console.error('apply.generated.ts: STALE');
  process.exitCode = 1;
} else {
  const head = `// Generated by tools/apiserver-data/record-apply.ts from kube-apiserver ${kubernetesVersion}. Do not edit.\n`;
  await writeFile(
    file,
    `${head}export const applyGzip: string =\n  '${gzipSync(json, { level: 9 }).toString('base64')}';\n`,
  );
  console.log(`apply.generated.ts: ${json.length} bytes of JSON, written`);
}
