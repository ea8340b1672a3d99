import { expect, test } from 'vitest';
import { configMap, deployment, manifest, pod } from './manifests.ts';
import { usePair } from './pair.ts';

const kubectl = usePair();

const objects = manifest(
  configMap('one', { a: '1', b: 'two' }, { app: 'web', tier: 'front' }),
  configMap('two', { a: '2' }, { app: 'db' }),
  pod('web-a', { app: 'web' }),
  pod('web-b', { app: 'other' }),
  deployment('web', 2),
);

async function filled(namespace: string): Promise<void> {
  await kubectl.namespace(namespace);
  await kubectl.same(`create -n ${namespace} -f -`, { stdin: objects });
}

test('get prints tables', async () => {
  await filled('get-table');
  for (const command of [
    'get configmaps',
    'get cm one',
    'get cm one two',
    'get cm/one deployment/web',
    'get pods',
    'get po -o wide',
    'get deploy,cm',
    'get deployments.v1.apps',
    'get all',
    'get pods --show-labels',
    'get pods -L app',
    'get pods --no-headers',
    'get pods --sort-by=.metadata.name',
    'get events',
    'get cm nobody',
    'get nothings',
    'get cm one two nobody',
  ])
    await kubectl.same(`${command} -n get-table`);
});

test('get -o wide prints more columns', async () => {
  await filled('get-wide');
  for (const kind of ['pods', 'deployments', 'services', 'nodes', 'configmaps', 'all'])
    await kubectl.same(`get ${kind} -n get-wide -o wide`);
});

test.each(['yaml', 'json', 'name', 'jsonpath', 'custom-columns', 'go-template'])('get -o %s', async (format) => {
  const namespace = `get-${format}`;
  await filled(namespace);
  const output = {
    jsonpath: `jsonpath='{range .items[*]}{.metadata.name}{"\\t"}{.metadata.labels.app}{"\\n"}{end}'`,
    'custom-columns': 'custom-columns=NAME:.metadata.name,APP:.metadata.labels.app',
    'go-template': `go-template='{{range .items}}{{.metadata.name}} {{end}}'`,
  }[format];
  for (const kind of ['configmaps', 'pods', 'deployments'])
    await kubectl.same(`get ${kind} -n ${namespace} -o ${output ?? format}`);
  if (output === undefined) await kubectl.same(`get cm one -n ${namespace} -o ${format}`);
  await kubectl.same(`get pods web-a -n ${namespace} -o jsonpath='{.spec.containers[0].image}'`);
});

test('get -l and --field-selector select', async () => {
  await filled('get-selected');
  for (const selector of [
    '-l app=web',
    "-l 'app in (web,db)'",
    "-l '!tier'",
    "-l 'app,tier'",
    '-l app=nobody',
    '-l =',
    '--field-selector metadata.name=one',
    '--field-selector metadata.name!=one',
    '--field-selector spec.nodeName=worker-1',
  ]) {
    await kubectl.same(`get cm -n get-selected ${selector}`);
    await kubectl.same(`get pods -n get-selected ${selector} -o name`);
  }
});

test('get -A looks into all namespaces, and --chunk-size pages', async () => {
  await filled('get-all-a');
  await filled('get-all-b');
  await kubectl.same('get pods -A -l app=web');
  await kubectl.same('get cm -A --field-selector metadata.name=one');
  await kubectl.same('get pods -n get-all-a --chunk-size=1 -o name');
  await kubectl.same('get deployments -A -o wide -l app=web');
});

test('get shows what a new server has', async () => {
  await kubectl.same('get namespaces default kube-system kube-public kube-node-lease');
  await kubectl.same('get services -n default');
  await kubectl.same('get priorityclasses');
  await kubectl.same('get clusterroles admin edit view cluster-admin -o json');
  await kubectl.same('get clusterrolebindings cluster-admin -o wide');
});

test('get -w follows changes until its time is up', async () => {
  await kubectl.namespace('get-watch');
  await kubectl.same('create -n get-watch -f -', { stdin: manifest(configMap('one', { a: '1' })) });
  const watches = [
    kubectl.begin('get cm -n get-watch -w --output-watch-events --request-timeout=8s'),
    kubectl.begin('get cm -n get-watch -w -o jsonpath=\'{.metadata.name} {.data.a}{"\\n"}\' --request-timeout=8s'),
  ];
  for (const watch of watches) await watch.printed(/one/);
  await kubectl.same('create cm two -n get-watch --from-literal=a=2');
  await kubectl.same(`patch cm one -n get-watch --type=merge -p '{"data":{"a":"3"}}'`);
  await kubectl.same('delete cm two -n get-watch');
  for (const { ended } of watches) {
    const { embedded, real } = await ended;
    const lines = ({ stdout }: { stdout: string }): string[] =>
      stdout.split('\n').map((line) => line.replace(/ +\S+$/, ''));
    expect(embedded.exitCode).toBe(real.exitCode);
    expect(lines(embedded)).toEqual(lines(real));
    expect(lines(embedded).length).toBeGreaterThan(4);
  }
});

test('get --raw gives what the server says', async () => {
  await kubectl.same('get --raw /healthz');
  await kubectl.same('get --raw /readyz');
  await kubectl.same('get --raw /nowhere');
  await kubectl.same('get --raw /apis/apps');
});

test('describe tells about objects', async () => {
  await filled('described');
  for (const what of [
    'cm one',
    'pod web-a',
    'deployment web',
    'namespace described',
    'cm',
    'cm nobody',
    'pod -l app=web',
  ])
    await kubectl.same(`describe ${what} -n described`);
});

test('api-resources, api-versions, version and cluster-info', async () => {
  for (const command of [
    'api-versions',
    'api-resources',
    'api-resources -o wide',
    'api-resources --namespaced=false --sort-by=name',
    'api-resources --api-group=apps -o name',
    'api-resources --verbs=list,create --categories=all',
    'version',
  ])
    await kubectl.same(command);
});
