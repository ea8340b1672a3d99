import { expect, test } from 'vitest';
import { deployment, manifest } from './manifests.ts';
import { masked } from './masks.ts';
import { usePair } from './pair.ts';

// With controllers: inside the embedded server, and kube-controller-manager beside the real one. One thing differs by nature: the embedded
// server has a simulated kubelet, so its pods become ready; beside a real control plane there is no kubelet, so there they never do.
// Where that shows, a test compares what holds on both, and says so.

const kubectl = usePair({ controllers: true });

test('rollout status waits for what is not there yet', async () => {
  await kubectl.namespace('rolled');
  await kubectl.same('create -n rolled -f -', { stdin: manifest(deployment('web', 2)) });
  const { embedded, real } = await kubectl.both('rollout status deployment/web -n rolled --timeout=5s');
  // Real: pods never get ready, so the time runs out. What both print of their progress is the same until then.
  expect(embedded.exitCode).toBe(0);
  expect(embedded.stdout).toMatch(/deployment "web" successfully rolled out\n$/);
  expect(real.exitCode).toBe(1);
  expect(real.stderr).toBe('error: timed out waiting for the condition\n');
  const progress = /^Waiting for deployment "web" rollout to finish: \d+ of 2 updated replicas are available\.\.\.$/m;
  expect(real.stdout).toMatch(progress);
  await kubectl.same('rollout status deployment/nobody -n rolled --timeout=2s');
});

test('rollout history, undo, pause, resume and restart', async () => {
  await kubectl.namespace('history');
  await kubectl.same('create -n history -f -', { stdin: manifest(deployment('web', 1, 'nginx:1.27')) });
  const revision = (number: string): Promise<unknown> =>
    expect
      .poll(
        async () => {
          const path = `jsonpath='{.metadata.annotations.deployment\\.kubernetes\\.io/revision}'`;
          const { embedded, real } = await kubectl.both(`get deployment web -n history -o ${path}`);
          return [embedded.stdout, real.stdout];
        },
        { timeout: 15_000, interval: 200 },
      )
      .toEqual([number, number]);
  await revision('1');
  await kubectl.same('set image deployment/web main=nginx:1.28 -n history');
  await revision('2');
  await kubectl.same('rollout history deployment/web -n history');
  await kubectl.same('rollout undo deployment/web -n history');
  await revision('3');
  await kubectl.same('get deployment web -n history -o jsonpath={.spec.template.spec.containers[0].image}');
  await kubectl.same('rollout pause deployment/web -n history');
  await kubectl.same('rollout pause deployment/web -n history');
  await kubectl.same('rollout resume deployment/web -n history');
  await kubectl.same('rollout restart deployment/web -n history');
  await revision('4');
});

test('a Deployment makes a ReplicaSet and Pods of the same names', async () => {
  await kubectl.namespace('made');
  await kubectl.same('create -n made -f -', { stdin: manifest(deployment('web', 2)) });
  await expect
    .poll(
      async () => {
        const { embedded, real } = await kubectl.both('get rs,pods -n made -o name');
        expect(masked(embedded.stdout)).toBe(masked(real.stdout));
        return embedded.stdout.split('\n').length - 1;
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(3);
  const path = `jsonpath='{range .items[*]}{.metadata.labels}{.metadata.ownerReferences[0].kind}{.metadata.ownerReferences[0].name}{"\\n"}{end}'`;
  await kubectl.same(`get rs -n made -o ${path}`);
  await kubectl.same(`get pods -n made -o ${path}`);
});

test('delete takes what an object owns with it', async () => {
  await kubectl.namespace('cascade');
  await kubectl.same('create -n cascade -f -', { stdin: manifest(deployment('web', 1), deployment('kept', 1)) });
  const replicaSets = (names: readonly string[]): Promise<unknown> =>
    expect
      .poll(
        async () => {
          const { embedded, real } = await kubectl.both(
            `get rs -n cascade -o jsonpath='{.items[*].metadata.labels.app}'`,
          );
          return [embedded.stdout, real.stdout].map((text) =>
            text
              .split(' ')
              .filter((name) => name !== '')
              .sort(),
          );
        },
        { timeout: 40_000, interval: 250 },
      )
      .toEqual([names, names]);
  await replicaSets(['kept', 'web']);
  await kubectl.same('delete deployment web -n cascade --cascade=foreground --wait=false');
  await replicaSets(['kept']);
  await kubectl.same('delete deployment kept -n cascade --cascade=orphan');
  await replicaSets(['kept']);
});

test('delete namespace empties it', async () => {
  await kubectl.namespace('emptied');
  await kubectl.same('create cm one -n emptied');
  await kubectl.same('create serviceaccount robot -n emptied');
  await kubectl.same('delete namespace emptied --timeout=40s');
  await kubectl.same('get namespace emptied');
  await kubectl.same('get cm -n emptied');
});
