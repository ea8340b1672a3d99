import { mkdirSync, writeFileSync } from 'node:fs';
import type { Env } from '@bowline/envtest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences } from '../src/differences.ts';
import { type Outcome, play, type Scenario } from '../src/exchange.ts';
import { masked } from '../src/masks.ts';
import { startServer } from '../src/servers.ts';
import { knownDifferences } from './known-differences.ts';
import { scenarios } from './scenarios.ts';

// Sends the same requests to the embedded server and to a real kube-apiserver and compares the answers, masked.

let embedded: Env;
let real: Env;

beforeAll(async () => {
  [embedded, real] = await Promise.all([startServer('embedded'), startServer('real')]);
}, 120_000);

afterAll(async () => {
  await Promise.all([embedded?.[Symbol.asyncDispose](), real?.[Symbol.asyncDispose]()]);
});

async function outcomes(env: Env, scenario: Scenario, namespace: string): Promise<Outcome[]> {
  await play(
    env.client,
    { name: '', steps: [{ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }] },
    namespace,
  );
  return play(env.client, scenario, namespace);
}

test.each(scenarios)('$name', async (scenario) => {
  const namespace = `case-${scenario.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 60).replace(/-$/, '');
  const [ours, theirs] = await Promise.all([
    outcomes(embedded, scenario, namespace),
    outcomes(real, scenario, namespace),
  ]);
  const found = scenario.steps.flatMap((step, index) => {
    const lines = differences(masked(ours[index] as Outcome), masked(theirs[index] as Outcome));
    const known = knownDifferences.find((each) => each.scenario === scenario.name && each.step === index);
    if (known) return lines.length > 0 ? [] : [`step ${index} no longer differs: remove it from known-differences.ts`];
    return lines.map((line) => `${index} ${step.method} ${step.path} ${line}`);
  });
  if (found.length > 0) throw new Error(`The servers differ in ${found.length} places:\n${found.join('\n')}`);
});

test('the scenarios are as many and as varied as they must be', () => {
  const steps = scenarios.flatMap((scenario) => scenario.steps);
  const count = (accept: (step: (typeof steps)[number]) => boolean): number => steps.filter(accept).length;
  const counts = {
    get: count(({ method }) => method === 'GET'),
    create: count(({ method }) => method === 'POST'),
    update: count(({ method }) => method === 'PUT'),
    delete: count(({ method }) => method === 'DELETE'),
    'json patch': count(({ contentType }) => contentType === 'application/json-patch+json'),
    'merge patch': count(({ contentType }) => contentType === 'application/merge-patch+json'),
    'strategic merge patch': count(({ contentType }) => contentType === 'application/strategic-merge-patch+json'),
    apply: count(({ contentType }) => contentType === 'application/apply-patch+yaml'),
  };
  mkdirSync(new URL('../.results', import.meta.url), { recursive: true });
  writeFileSync(
    new URL('../.results/differential.json', import.meta.url),
    JSON.stringify({ scenarios: scenarios.length, requests: steps.length, counts }),
  );
  expect(Object.entries(counts).filter(([, number]) => number < 15)).toEqual([]);
  expect(knownDifferences.length).toBeLessThanOrEqual(10);
});
