import { beforeEach, expect, test } from 'vitest';
import { type JsonObject, listAt, stringAt } from '../object.ts';
import { crds, TestServer, versionOf, widget, widgetDefinition, widgets } from '../server.fixture.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});

function conditions(json: JsonObject): string[] {
  return listAt(json, 'status', 'conditions').map(
    (one) => `${stringAt(one, 'type')}=${stringAt(one, 'status')} ${stringAt(one, 'reason')}`,
  );
}

test('Whole CRDs: a definition gets its names, is served, and goes with all its objects', async () => {
  const watch = await server.watch(crds);
  const created = await server.post(crds, widgetDefinition());
  expect(created.at('status')).toEqual({
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: ['v1'],
  });
  expect((await server.post(widgets, widget('a'))).status).toBe(201);
  const deleted = await server.delete(`${crds}/widgets.example.com`);
  expect(deleted.at('metadata', 'finalizers')).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
  expect((await server.get(widgets)).text).toBe('404 page not found\n');
  await server.clock.settle();
  const accepted = 'NamesAccepted=True NoConflicts';
  const established = 'Established=True InitialNamesAccepted';
  expect(watch.events.map(({ type, object }) => [type, ...conditions(object)])).toEqual([
    ['ADDED'],
    ['MODIFIED', accepted, 'Established=False Installing'],
    ['MODIFIED', accepted, established],
    ['MODIFIED', accepted, established, 'Terminating=True InstanceDeletionPending'],
    ['MODIFIED', accepted, established, 'Terminating=True InstanceDeletionInProgress'],
    ['DELETED', accepted, established, 'Terminating=True InstanceDeletionInProgress'],
  ]);
});

test('a definition waits for objects that have finalizers, and takes no new ones meanwhile', async () => {
  await server.post(crds, widgetDefinition());
  await server.post(widgets, widget('a', { size: 1 }, { finalizers: ['x.y/z'] }));
  await server.delete(`${crds}/widgets.example.com`);
  const refused = await server.post(widgets, widget('b'));
  expect([refused.status, refused.message]).toEqual([
    403,
    'widgets.example.com "b" is forbidden: create not allowed while custom resource definition is terminating',
  ]);
  expect((await server.get('/apis/example.com/v1')).json).toMatchObject({
    resources: [{ name: 'widgets', verbs: ['delete', 'deletecollection', 'get', 'list', 'watch'] }, {}, {}],
  });
  await server.patch('merge', `${widgets}/a`, { metadata: { finalizers: null } });
  expect((await server.get(`${crds}/widgets.example.com`)).status).toBe(404);
});

test('a definition whose names are taken waits until they are free', async () => {
  await server.post(crds, widgetDefinition());
  const gadgets = widgetDefinition((spec) => {
    spec.names = { plural: 'gadgets', kind: 'Gadget', shortNames: ['wd'] };
  });
  gadgets.metadata = { name: 'gadgets.example.com' };
  await server.post(crds, gadgets);
  const waiting = await server.get(`${crds}/gadgets.example.com`);
  expect(conditions(waiting.json)).toEqual(['NamesAccepted=False ShortNamesConflict', 'Established=False NotAccepted']);
  expect(listAt(waiting.json, 'status', 'conditions')[0]).toMatchObject({ message: '"wd" is already in use' });
  await server.delete(`${crds}/widgets.example.com`);
  expect(conditions((await server.get(`${crds}/gadgets.example.com`)).json)).toEqual([
    'NamesAccepted=True NoConflicts',
    'Established=True InitialNamesAccepted',
  ]);
});

test('a definition that breaks the rules is refused in the words of the real server', async () => {
  const refused = await server.post(
    crds,
    widgetDefinition((spec) => {
      delete versionOf(spec).selectableFields;
      versionOf(spec).schema = { openAPIV3Schema: { type: 'object', properties: { spec: {} } } };
    }),
  );
  expect([refused.status, refused.message]).toEqual([
    422,
    'CustomResourceDefinition.apiextensions.k8s.io "widgets.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
  ]);
});

test('custom resources are pruned, filled in and validated', async () => {
  await server.post(crds, widgetDefinition());
  const created = await server.post(widgets, widget('a', { size: 2, shape: 'round' }));
  expect([created.at('spec'), created.headers.warning]).toEqual([
    { colour: 'red', size: 2 },
    ['299 - "unknown field \\"spec.shape\\""'],
  ]);
  const small = await server.post(widgets, widget('b', { size: 0 }));
  expect([small.status, small.message]).toEqual([
    422,
    'Widget.example.com "b" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  ]);
  const strict = await server.post(`${widgets}?fieldValidation=Strict`, widget('b', { size: 1, shape: 'round' }));
  expect([strict.status, strict.message]).toEqual([
    400,
    expect.stringContaining('strict decoding error: unknown field "spec.shape"'),
  ]);
});

test('custom resources must say what they are', async () => {
  await server.post(crds, widgetDefinition());
  const silent = await server.post(widgets, { metadata: { name: 'a' } });
  expect([silent.status, silent.message]).toEqual([400, expect.stringContaining("Object 'Kind' is missing in")]);
  const other = await server.post(widgets, { ...widget('a'), kind: 'Gadget' });
  expect([other.status, other.message]).toEqual([
    422,
    'Gadget.example.com "a" is invalid: kind: Invalid value: "Gadget": must be Widget',
  ]);
});

test('custom resources have status and scale if their definition says so', async () => {
  await server.post(crds, widgetDefinition());
  const created = await server.post(widgets, { ...widget('a', { size: 1, replicas: 2 }), status: { replicas: 9 } });
  expect(created.at('status')).toBeUndefined();
  const told = await server.patch('merge', `${widgets}/a/status`, { status: { replicas: 1 }, spec: { size: 7 } });
  expect([told.at('status'), told.at('spec', 'size'), told.at('metadata', 'generation')]).toEqual([
    { replicas: 1 },
    1,
    1,
  ]);
  expect((await server.get(`${widgets}/a/scale`)).json).toMatchObject({
    spec: { replicas: 2 },
    status: { replicas: 1 },
  });
  await server.patch('merge', `${widgets}/a/scale`, { spec: { replicas: 5 } });
  expect((await server.get(`${widgets}/a`)).json).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
  expect((await server.get(`${widgets}/a/log`)).status).toBe(404);
});

test('custom resources are shown and selected as their definition says', async () => {
  await server.post(crds, widgetDefinition());
  await server.post(widgets, widget('a', { size: 3, colour: 'blue' }));
  await server.post(widgets, widget('b'));
  const table = await server.get(widgets, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
  expect(table.json).toMatchObject({
    columnDefinitions: [{ name: 'Name' }, { name: 'Size', type: 'integer' }],
    rows: [{ cells: ['a', 3] }, { cells: ['b', 1] }],
  });
  expect((await server.get(`${widgets}?fieldSelector=spec.colour%3Dblue`)).names).toEqual(['a']);
  const refused = await server.get(`${widgets}?fieldSelector=spec.size%3D3`);
  expect([refused.status, refused.message]).toEqual([400, 'field label not supported: spec.size']);
});

test('custom resources are patched in three notations, not strategically', async () => {
  await server.post(crds, widgetDefinition());
  await server.post(widgets, widget('a'));
  const refused = await server.patch('strategic', `${widgets}/a`, {});
  expect([refused.status, refused.message]).toEqual([
    415,
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  ]);
  expect(
    (await server.patch('json', `${widgets}/a`, [{ op: 'replace', path: '/spec/size', value: 4 }])).at('spec', 'size'),
  ).toBe(4);
  const applied = await server.patch('apply', `${widgets}/a?fieldManager=m&force=true`, widget('a', { size: 5 }));
  expect(applied.at('spec', 'size')).toBe(5);
});

test('custom resources of one version are served in all, and a deprecated one says so', async () => {
  await server.post(
    crds,
    widgetDefinition((spec) => {
      const { additionalPrinterColumns: _, selectableFields: __, ...first } = versionOf(spec);
      spec.versions = [
        { ...first, name: 'v1beta1', storage: false, deprecated: true },
        { ...first, name: 'v1' },
        { ...first, name: 'v2', storage: false, served: false },
      ];
    }),
  );
  await server.post(widgets, widget('a', { size: 2 }));
  const old = await server.get('/apis/example.com/v1beta1/namespaces/default/widgets/a');
  expect([old.at('apiVersion'), old.at('spec', 'size'), old.headers.warning]).toEqual([
    'example.com/v1beta1',
    2,
    ['299 - "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"'],
  ]);
  expect((await server.get('/apis/example.com/v2/namespaces/default/widgets')).status).toBe(404);
  expect((await server.get('/apis/example.com')).json).toMatchObject({
    preferredVersion: { version: 'v1' },
    versions: [{ version: 'v1' }, { version: 'v1beta1' }],
  });
});

test('watches of custom resources end when their definition changes, and what is stored is read by the new one', async () => {
  await server.post(crds, widgetDefinition());
  await server.post(widgets, widget('a', { size: 3, colour: 'blue' }));
  const watch = await server.watch(widgets);
  const { json } = await server.get(`${crds}/widgets.example.com`);
  await server.patch('merge', `${crds}/widgets.example.com`, { metadata: { labels: { a: 'b' } } });
  await server.clock.settle();
  expect(watch.ended).toBe(false);
  const changed = widgetDefinition((spec) => {
    const version = versionOf(spec);
    delete version.selectableFields;
    version.schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { size: { type: 'integer' }, depth: { type: 'integer', default: 1 } } },
        },
      },
    };
  });
  const { resourceVersion } = (await server.get(`${crds}/widgets.example.com`)).json.metadata as JsonObject;
  const updated = await server.put(`${crds}/widgets.example.com`, {
    ...changed,
    metadata: { ...(json.metadata as JsonObject), resourceVersion },
  });
  expect([updated.status, updated.at('metadata', 'generation')]).toEqual([200, 2]);
  await server.clock.settle();
  expect(watch.ended).toBe(true);
  expect((await server.get(`${widgets}/a`)).at('spec')).toEqual({ depth: 1, size: 3 });
});

test('the versions of custom resources are listed as APIServices, as long as somebody serves them', async () => {
  await server.post(crds, widgetDefinition());
  const services = '/apis/apiregistration.k8s.io/v1/apiservices';
  expect((await server.get(`${services}/v1.example.com`)).json).toMatchObject({
    spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
  await server.delete(`${crds}/widgets.example.com`);
  expect((await server.get(`${services}/v1.example.com`)).status).toBe(404);
});
