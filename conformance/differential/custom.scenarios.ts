import {
  apply,
  create,
  edited,
  get,
  jsonPatch,
  mergePatch,
  remove,
  type Scenario,
  strategicPatch,
  update,
} from '../src/exchange.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', enum: ['red', 'green'], default: 'red' },
        name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5, minLength: 2 },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 3, 'x-kubernetes-list-type': 'set' },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } },
          },
        },
        maybe: { type: 'string', nullable: true },
        when: { type: 'string', format: 'date-time' },
      },
    },
    status: {
      type: 'object',
      properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, phase: { type: 'string' } },
    },
  },
};

/** A definition of its own for each scenario, so that they do not meet. */
const definition = (group: string, changes: object = {}, version: object = {}): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.size',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
        ],
        ...version,
      },
    ],
    ...changes,
  },
});

const widget = (group: string, name: string, spec: object): object => ({
  apiVersion: `${group}/v1`,
  kind: 'Widget',
  metadata: { name },
  spec,
});
const path = (group: string, name = ''): string =>
  `/apis/${group}/v1/namespaces/{ns}/widgets${name === '' ? '' : `/${name}`}`;
const life = 'life.example.com';
const bad = 'bad.example.com';
const sub = 'sub.example.com';
const ssa = 'ssa.example.com';

/** Custom resources. */
export const customScenarios: readonly Scenario[] = [
  {
    name: 'life of a custom resource',
    steps: [
      create(crds, definition(life)),
      create(
        path(life),
        widget(life, 'a', { size: 3, free: { any: { thing: [1] } }, parts: [{ name: 'x' }], unknown: 1 }),
      ),
      get(path(life, 'a')),
      get(path(life), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
      get(path(life)),
      update(
        path(life, 'a'),
        edited(2, (object) => {
          (object.spec as Record<string, unknown>).size = 5;
        }),
      ),
      update(path(life, 'a'), widget(life, 'a', { size: 6 })),
      update(
        path(life, 'a'),
        edited(5, (object) => {
          object.status = { phase: 'ignored' };
        }),
      ),
      mergePatch(path(life, 'a'), { spec: { color: 'green' } }),
      jsonPatch(path(life, 'a'), [{ op: 'replace', path: '/spec/size', value: 9 }]),
      strategicPatch(path(life, 'a'), { spec: { size: 1 } }),
      get(`/apis/${life}/v1`),
      get(`/apis/${life}`),
      create(`${path(life)}?fieldValidation=Strict`, widget(life, 'strict', { size: 3, unknown: 1 })),
      create(`${path(life)}?fieldValidation=Warn`, widget(life, 'warn', { size: 3, unknown: 1, deep: { a: 1 } })),
      remove(path(life, 'a')),
      remove(path(life)),
      get(`${crds}/widgets.${life}`),
    ],
  },
  {
    name: 'custom resources that do not validate',
    steps: [
      create(crds, definition(bad)),
      create(path(bad), widget(bad, 'a', {})),
      create(path(bad), widget(bad, 'a', { size: 0 })),
      create(path(bad), widget(bad, 'a', { size: 11, color: 'blue' })),
      create(path(bad), widget(bad, 'a', { size: 'three' })),
      create(path(bad), widget(bad, 'a', { size: 3, name: 'Toolong' })),
      create(path(bad), widget(bad, 'a', { size: 3, name: 'x' })),
      create(path(bad), widget(bad, 'a', { size: 3, port: true })),
      create(path(bad), widget(bad, 'a', { size: 3, tags: ['a', 'a'] })),
      create(path(bad), widget(bad, 'a', { size: 3, tags: ['a', 'b', 'c', 'd'] })),
      create(path(bad), widget(bad, 'a', { size: 3, parts: [{ name: 'x' }, { name: 'x' }] })),
      create(path(bad), widget(bad, 'a', { size: 3, parts: [{ count: 1 }] })),
      create(path(bad), widget(bad, 'a', { size: 3, maybe: null, color: null })),
      create(path(bad), widget(bad, 'b', { size: 3, when: 'yesterday' })),
      create(path(bad), { ...widget(bad, 'c', { size: 3 }), spec: 'text' }),
      create(path(bad), { apiVersion: `${bad}/v1`, kind: 'Gadget', metadata: { name: 'c' } }),
      create(path(bad), { apiVersion: `${bad}/v2`, kind: 'Widget', metadata: { name: 'c' } }),
      create(path(bad), widget(bad, 'Bad_Name', { size: 3 })),
      create(path(bad), { ...widget(bad, 'd', { size: 3 }), metadata: { name: 'd', labels: { 'bad key!': 'x' } } }),
      mergePatch(path(bad, 'a'), { spec: { size: 99 } }),
    ],
  },
  {
    name: 'subresources of custom resources',
    steps: [
      create(crds, definition(sub)),
      create(path(sub), { ...widget(sub, 'a', { size: 3 }), status: { phase: 'ignored' } }),
      update(
        path(sub, 'a/status'),
        edited(1, (object) => {
          object.status = { phase: 'Ready', replicas: 2, selector: 'a=b' };
          (object.spec as Record<string, unknown>).size = 9;
        }),
      ),
      get(path(sub, 'a/scale')),
      update(
        path(sub, 'a/scale'),
        edited(3, (object) => {
          object.spec = { replicas: 7 };
        }),
      ),
      mergePatch(path(sub, 'a/scale'), { spec: { replicas: 99 } }),
      mergePatch(path(sub, 'a/status'), { status: { phase: 5 } }),
      mergePatch(path(sub, 'a/status'), { status: { phase: 'Done' } }),
      get(path(sub, 'a')),
      get(path(sub, 'a/nonsense')),
    ],
  },
  {
    name: 'apply to custom resources',
    steps: [
      create(crds, definition(ssa)),
      apply(
        path(ssa, 'a'),
        widget(ssa, 'a', { size: 3, tags: ['a'], parts: [{ name: 'x', count: 2 }], free: { deep: { a: 1 } } }),
      ),
      apply(
        path(ssa, 'a'),
        widget(ssa, 'a', { size: 3, tags: ['b'], parts: [{ name: 'y' }], free: { deep: { b: 2 } } }),
        'fieldManager=second',
      ),
      apply(path(ssa, 'a'), widget(ssa, 'a', { size: 4 }), 'fieldManager=second'),
      apply(path(ssa, 'a'), widget(ssa, 'a', { size: 4 }), 'fieldManager=second&force=true'),
      apply(path(ssa, 'a'), widget(ssa, 'a', { size: 99 }), 'fieldManager=second&force=true'),
      apply(path(ssa, 'a'), widget(ssa, 'a', { size: 4, unknown: 1 }), 'fieldManager=second&force=true'),
      get(path(ssa, 'a')),
    ],
  },
  {
    name: 'definitions that are refused',
    steps: [
      create(crds, { ...definition('refused.example.com'), metadata: { name: 'wrong.refused.example.com' } }),
      create(crds, definition('refused.example.com', { versions: [] })),
      create(crds, definition('refused.example.com', { scope: 'Galactic' })),
      create(crds, definition('refused.example.com', { names: { plural: 'Widgets', kind: 'Widget' } })),
      create(crds, definition('refused.example.com', {}, { schema: undefined })),
      create(
        crds,
        definition(
          'refused.example.com',
          {},
          { schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } },
        ),
      ),
      create(crds, definition('refused.example.com', {}, { schema: { openAPIV3Schema: { type: 'string' } } })),
      create(
        crds,
        definition(
          'refused.example.com',
          {},
          { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', pattern: '(?=x)' } } } } },
        ),
      ),
      create(
        crds,
        definition(
          'refused.example.com',
          {},
          { schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'integer', default: 'x' } } } } },
        ),
      ),
      create(crds, definition('refused.example.com', {}, { storage: false })),
    ],
  },
];
