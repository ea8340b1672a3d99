import { expect, test } from 'vitest';
import { boat, boatDefinition, configMap, deployment, manifest, pod } from './manifests.ts';
import { type Begun, usePair } from './pair.ts';

const kubectl = usePair();

/** Runs a line for each, in the namespace. */
async function all(namespace: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) await kubectl.same(`${command} -n ${namespace}`);
}

/** Starts a command that waits, and gives it back once it does: its log says that it watches, or that it looked in vain. */
async function waiting(command: string, signal = /"Caches populated"/): Promise<Begun> {
  const begun = kubectl.begin(`${command} --timeout=20s -v=6`);
  await begun.printed(signal);
  return begun;
}

// The generators of `kubectl create` send protobuf.
test.each([
  ['namespace', ['create namespace made-by-kubectl', 'get namespace made-by-kubectl -o yaml']],
  [
    'configmap',
    [
      'create configmap one --from-literal=a=1 --from-literal=b=two',
      'create configmap one --from-literal=a=1',
      'create configmap dry --from-literal=a=1 --dry-run=server -o yaml',
      'get configmap one -o yaml --show-managed-fields',
      'get configmap dry',
    ],
  ],
  [
    'secret',
    [
      'create secret generic one --from-literal=key=value',
      'create secret docker-registry pull --docker-username=u --docker-password=p --docker-server=s.example.com',
      'get secrets',
      'get secret one -o yaml',
      'get secret pull -o yaml',
    ],
  ],
  ['deployment', ['create deployment web --image=nginx:1.27 --replicas=3 --port=80', 'get deployment web -o yaml']],
  ['serviceaccount', ['create serviceaccount robot', 'get serviceaccount robot -o yaml']],
  [
    'role',
    [
      'create role reader --verb=get,list --resource=pods,deployments.apps',
      'create clusterrole lister --verb=list --resource=pods',
      'get role reader -o yaml',
      'get clusterrole lister -o yaml',
    ],
  ],
  [
    'rolebinding',
    [
      'create rolebinding readers --role=reader --user=jane --serviceaccount=default:robot',
      'create clusterrolebinding listers --clusterrole=lister --group=devs',
      'get rolebindings -o wide',
      'get clusterrolebinding listers -o yaml',
    ],
  ],
  [
    'job',
    [
      'create job once --image=busybox -- date',
      'get job once -o jsonpath={.spec.template.spec.containers}',
      'get jobs',
    ],
  ],
  [
    'cronjob',
    [
      "create cronjob often --image=busybox --schedule='*/5 * * * *'",
      'get cronjob often -o yaml',
      'get cronjobs',
      "create cronjob never --image=busybox --schedule='not a schedule'",
    ],
  ],
  [
    'service',
    [
      'create service clusterip web --tcp=80:8080',
      'create service nodeport open --tcp=80',
      'create service externalname out --external-name=example.com',
      'get services',
      'get service web -o yaml',
    ],
  ],
  ['ingress', ["create ingress in --rule='example.com/a*=web:80'", 'get ingress in -o yaml', 'get ingress']],
  ['quota', ['create quota limit --hard=pods=5,requests.cpu=2', 'get quota limit -o yaml']],
  ['poddisruptionbudget', ['create pdb some --selector=app=web --min-available=1', 'get pdb some -o yaml', 'get pdb']],
  ['priorityclass', ['create priorityclass high --value=1000', 'get priorityclass high -o yaml']],
])('create %s', async (kind, commands) => {
  await kubectl.namespace(`create-${kind}`);
  // `create job NAME -- COMMAND` takes everything behind the dashes, so the namespace comes first.
  for (const command of commands) await kubectl.same(`-n create-${kind} ${command}`);
});

test('create -f refuses what is wrong in the words of the server', async () => {
  await kubectl.namespace('create-wrong');
  for (const object of [
    { ...configMap('one', {}), metadata: { name: 'Not_Allowed' } },
    { ...deployment('web', 1), spec: {} },
    { ...deployment('web', -1) },
    { apiVersion: 'v1', kind: 'Nothing', metadata: { name: 'one' } },
    { ...configMap('unknown', { a: '1' }), colour: 'red' },
    { ...pod('broken', {}), spec: { containers: [] } },
    { ...pod('mistyped', {}), spec: { containers: 'none' } },
  ])
    await kubectl.same('create -n create-wrong -f -', { stdin: manifest(object) });
  await kubectl.same('create -n nowhere -f -', { stdin: manifest(configMap('one', {})) });
  await kubectl.same('create -n create-wrong --validate=ignore -f -', {
    stdin: manifest({ ...configMap('unknown', { a: '1' }), colour: 'red' }),
  });
});

test('apply creates, changes, leaves alone and prunes fields', async () => {
  await kubectl.namespace('applied');
  const apply = (...objects: readonly object[]) =>
    kubectl.same('apply -n applied -f -', { stdin: manifest(...objects) });
  await apply(configMap('one', { a: '1', b: '2' }), deployment('web', 2));
  await apply(configMap('one', { a: '1', b: '2' }), deployment('web', 2));
  await apply(configMap('one', { a: '3' }), deployment('web', 2, 'nginx:1.28'));
  await all('applied', ['get cm one -o yaml', 'get deployment web -o yaml', 'apply view-last-applied cm one']);
  await kubectl.same('apply -n applied --dry-run=server -f -', { stdin: manifest(configMap('one', { a: '9' })) });
  await kubectl.same('create cm by-hand -n applied --from-literal=a=1');
  await apply(configMap('by-hand', { a: '2' }));
  await kubectl.same('diff -n applied -f -', { stdin: manifest(configMap('one', { a: '3' })) });
});

test('apply --server-side: conflict, --force-conflicts, field managers', async () => {
  await kubectl.namespace('server-side');
  const apply = (flags: string, data: Readonly<Record<string, string>>) =>
    kubectl.same(`apply -n server-side --server-side ${flags} -f -`, { stdin: manifest(configMap('one', data)) });
  await apply('', { a: '1', b: '1' });
  await apply('--field-manager=other', { a: '2' });
  await apply('--field-manager=other --force-conflicts', { a: '2' });
  await apply('', { b: '1' });
  await apply('--dry-run=server -o yaml', { b: '5' });
  await kubectl.same('get cm one -n server-side -o yaml --show-managed-fields');
  await kubectl.same('apply -n server-side --server-side -f -', { stdin: manifest(deployment('web', 2)) });
  await kubectl.same('scale deployment web -n server-side --replicas=5');
  await kubectl.same('apply -n server-side --server-side -f -', { stdin: manifest(deployment('web', 2)) });
  await kubectl.same('apply -n server-side -f -', { stdin: manifest(configMap('moved', { a: '1' })) });
  await kubectl.same('apply -n server-side --server-side -f -', { stdin: manifest(configMap('moved', { a: '2' })) });
  await kubectl.same('get cm moved -n server-side -o yaml --show-managed-fields');
});

test('patch in three notations, and edit', async () => {
  await kubectl.namespace('patched');
  await kubectl.same('create -n patched -f -', { stdin: manifest(deployment('web', 2), configMap('one', { a: '1' })) });
  await all('patched', [
    `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`,
    `patch deployment web --type=json -p '[{"op":"remove","path":"/spec/nothing"}]'`,
    `patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":9}]'`,
    `patch deployment web --type=merge -p '{"metadata":{"labels":{"tier":"front"}}}'`,
    `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`,
    `patch deployment web -p '{"spec":{"replicas":2}}'`,
    `patch deployment web -p '{"spec":{"replicas":2}}'`,
    `patch deployment web -p '{"spec":{"replicas":"many"}}'`,
    `patch deployment web --subresource=status --type=merge -p '{"status":{"replicas":4}}'`,
    `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
    'get deployment web -o yaml',
    `patch cm nobody --type=merge -p '{"data":{"a":"2"}}'`,
    `patch cm one --type=merge -p '{"metadata":{"name":"two"}}'`,
    `patch cm one --type=merge -p '{"data":{"a":"2"}}' --dry-run=server -o yaml`,
    'set image deployment/web main=nginx:1.29',
    'set env deployment/web MODE=test',
    'set resources deployment/web -c=main --limits=cpu=200m',
  ]);
  await kubectl.same('edit cm one -n patched', { env: { KUBE_EDITOR: `sed -i 's/a: "1"/a: edited/'` } });
  await kubectl.same('edit cm one -n patched', { env: { KUBE_EDITOR: 'true' } });
  await kubectl.same('get cm one -n patched -o yaml');
});

test('label and annotate', async () => {
  await kubectl.namespace('labelled');
  await kubectl.same('create -n labelled -f -', { stdin: manifest(configMap('one', {}), configMap('two', {})) });
  await all('labelled', [
    'label cm one tier=front',
    'label cm one tier=back',
    'label cm one tier=back --overwrite',
    'label cm one tier-',
    'label cm one tier-',
    "label cm one 'tier=not allowed'",
    'label cm --all owner=me',
    'label cm -l owner=me again=yes',
    'annotate cm one note=text',
    'annotate cm one note=other',
    'annotate cm one note=other --overwrite',
    'annotate cm one note-',
    'annotate cm nobody note=text',
    'get cm --show-labels',
  ]);
});

test('scale', async () => {
  await kubectl.namespace('scaled');
  await kubectl.same('create -n scaled -f -', { stdin: manifest(deployment('web', 2), configMap('one', {})) });
  await all('scaled', [
    'scale deployment web --replicas=4',
    'scale deployment/web --replicas=5 --current-replicas=4',
    'scale deployment/web --replicas=6 --current-replicas=4',
    'scale deployment nobody --replicas=1',
    'scale cm one --replicas=1',
    'scale deployment web --replicas=-1',
    'get deployment web -o jsonpath={.spec.replicas}',
  ]);
});

test('delete, with and without waiting', async () => {
  await kubectl.namespace('deleted');
  const objects = ['one', 'two', 'three', 'four'].map((name) => configMap(name, {}, { name }));
  await kubectl.same('create -n deleted -f -', { stdin: manifest(...objects, pod('web', {})) });
  await all('deleted', [
    'delete cm one',
    'delete cm one',
    'delete cm one --ignore-not-found',
    'delete cm two --wait=false',
    'delete cm two three --wait',
    'delete cm -l name=four --dry-run=server',
    'delete cm -l name=four -o name',
    'delete cm -l name=nobody',
    'delete pod web --force --grace-period=0',
    'get cm,pods',
  ]);
  await kubectl.same('create -n deleted -f -', { stdin: manifest(...objects) });
  await kubectl.same('delete -n deleted -f -', { stdin: manifest(...objects.slice(0, 2)) });
  await kubectl.same('delete cm --all -n deleted');
});

test('delete waits for finalizers', async () => {
  await kubectl.namespace('finalized');
  await kubectl.same('create -n finalized -f -', {
    stdin: manifest({ ...configMap('held', {}), metadata: { name: 'held', finalizers: ['example.com/hold'] } }),
  });
  await kubectl.same('delete cm held -n finalized --timeout=2s');
  await kubectl.same('get cm held -n finalized -o jsonpath={.metadata.finalizers}');
  const deletion = await waiting('delete cm held -n finalized');
  await kubectl.same(`patch cm held -n finalized --type=merge -p '{"metadata":{"finalizers":null}}'`);
  await deletion.same();
});

test('wait', async () => {
  await kubectl.namespace('waited');
  await kubectl.same('create -n waited -f -', { stdin: manifest(configMap('one', { a: '1' }), deployment('web', 1)) });
  await all('waited', [
    "wait --for=jsonpath='{.data.a}'=1 cm/one --timeout=5s",
    "wait --for=jsonpath='{.data.a}'=2 cm/one --timeout=1s",
    'wait --for=create cm/one --timeout=5s',
    'wait --for=delete cm/nobody --timeout=5s',
    'wait --for=delete cm/one --timeout=1s',
    'wait --for=condition=Available deployment/web --timeout=1s',
    'wait --for=condition=Ready cm/nobody --timeout=1s',
  ]);
  const waits = await Promise.all([
    waiting("wait --for=jsonpath='{.data.a}'=2 cm/one -n waited"),
    waiting('wait --for=create cm/later -n waited', /configmaps\/later" status="404 Not Found"/),
    waiting('wait --for=condition=Available deployment/web -n waited'),
  ]);
  const condition = `{"status":{"conditions":[{"type":"Available","status":"True"}]}}`;
  await kubectl.same(`patch cm one -n waited --type=merge -p '{"data":{"a":"2"}}'`);
  await kubectl.same('create cm later -n waited');
  await kubectl.same(`patch deployment web -n waited --subresource=status --type=merge -p '${condition}'`);
  for (const wait of waits) await wait.same();
  const gone = await waiting('wait --for=delete cm/later -n waited');
  await kubectl.same('delete cm later -n waited');
  await gone.same();
});

test('custom resources take all of it', async () => {
  await kubectl.namespace('custom');
  await kubectl.same('apply -f -', { stdin: manifest(boatDefinition) });
  await kubectl.same('wait --for=condition=Established crd/boats.harbour.example.com --timeout=10s');
  await kubectl.same('get crd boats.harbour.example.com');
  const apply = (flags: string, ...objects: readonly object[]) =>
    kubectl.same(`apply -n custom ${flags} -f -`, { stdin: manifest(...objects) });
  await apply('', boat('kon-tiki', 6), boat('vega', 2));
  await apply('', boat('kon-tiki', 7));
  await apply('--server-side', boat('fram', 13));
  await apply('--server-side --field-manager=other', boat('fram', 14));
  await apply('', boat('sunk', -1));
  await apply('', { ...boat('painted', 1), spec: { crew: 1, colour: 'green' } });
  await apply('', { ...boat('odd', 1), spec: { crew: 1, sails: 3 } });
  await all('custom', [
    'get boats',
    'get bt -o wide',
    'get boat kon-tiki -o yaml',
    'get boats.v1.harbour.example.com -o name',
    'get all',
    'describe boat vega',
    'scale boat vega --replicas=4',
    `patch boat vega --type=merge -p '{"spec":{"colour":"red"}}'`,
    `patch boat vega -p '{"spec":{"colour":"white"}}'`,
    `patch boat vega --subresource=status --type=merge -p '{"status":{"crew":4}}'`,
    'get boat vega -o jsonpath={.spec}{.status}',
    'label boat vega fast=yes',
    'delete boat vega',
    'delete boats --all',
    'get boats',
  ]);
  await kubectl.same('api-resources --api-group=harbour.example.com');
  await kubectl.same('delete crd boats.harbour.example.com');
  expect((await kubectl.both('get boats -n custom')).embedded.exitCode).toBe(1);
});
