/** A kind on which scenarios play. */
export interface ScenarioKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
}

/** A request to the object of a scenario. */
export interface Step {
  readonly do: 'create' | 'put' | 'merge' | 'json' | 'strategic' | 'apply';
  /** `status`, `scale`; the main endpoint when absent. */
  readonly subresource?: string;
  readonly manager: string;
  readonly force?: boolean;
  /** The version to which the request goes, where it is not the kind's. */
  readonly version?: string;
  /** The body; for `put` a function of the object as it is. */
  readonly body: unknown | ((live: Live) => unknown);
}

// biome-ignore lint/suspicious/noExplicitAny: objects as the server returns them
export type Live = any;

export interface Scenario {
  readonly name: string;
  readonly kind: ScenarioKind;
  readonly steps: readonly Step[];
}

const configMap: ScenarioKind = { group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps' };
const deployment: ScenarioKind = { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments' };
const service: ScenarioKind = { group: '', version: 'v1', kind: 'Service', resource: 'services' };
const pod: ScenarioKind = { group: '', version: 'v1', kind: 'Pod', resource: 'pods' };
const widget: ScenarioKind = { group: 'ex.io', version: 'v1', kind: 'Widget', resource: 'widgets' };

const keyed = { type: 'array', 'x-kubernetes-list-type': 'map' };
const set = { type: 'array', 'x-kubernetes-list-type': 'set' };
const integer = { type: 'integer' };
const string = { type: 'string' };
const strings = { type: 'object', additionalProperties: string };
const unknown = { 'x-kubernetes-preserve-unknown-fields': true };

/** The schema of `spec` and `status` of the custom resource: one of each kind of list and map. */
export const widgetSchema: Live = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        name: string,
        replicas: integer,
        port: { 'x-kubernetes-int-or-string': true },
        raw: { type: 'object', ...unknown },
        embedded: { type: 'object', 'x-kubernetes-embedded-resource': true, ...unknown },
        nullable: { ...string, nullable: true },
        set: { ...set, items: string },
        atomicList: { type: 'array', items: string },
        list: {
          ...keyed,
          'x-kubernetes-list-map-keys': ['key', 'proto'],
          items: {
            type: 'object',
            required: ['key', 'proto'],
            properties: { key: string, proto: string, v: integer, inner: { ...set, items: integer } },
          },
        },
        atomicMap: { ...strings, 'x-kubernetes-map-type': 'atomic' },
        map: strings,
        any: unknown,
      },
    },
    status: {
      type: 'object',
      properties: {
        replicas: integer,
        conditions: {
          ...keyed,
          'x-kubernetes-list-map-keys': ['type'],
          items: { type: 'object', required: ['type'], properties: { type: string, status: string } },
        },
      },
    },
  },
};

const served = { schema: { openAPIV3Schema: widgetSchema }, served: true };
export const widgetCrd: Live = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.ex.io' },
  spec: {
    group: 'ex.io',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      { name: 'v1', storage: true, subresources: { status: {} }, ...served },
      { name: 'v2', storage: false, subresources: { status: {} }, ...served },
    ],
  },
};

/** Where all objects of a scenario are. */
export const objectName = 'subject';

function object(kind: ScenarioKind, rest: Live, version = kind.version): Live {
  const { metadata, ...fields } = rest;
  const apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
  return { apiVersion, kind: kind.kind, metadata: { name: objectName, ...metadata }, ...fields };
}

/** An update that replaces what `change` gives and sends everything else back. */
function edit(change: (live: Live) => Live): (live: Live) => unknown {
  return (live) => ({ ...live, ...change(live) });
}

const data = (values: Live): Live => object(configMap, { data: values });
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const web = (spec: Live, metadata: Live = {}): Live =>
  object(deployment, {
    metadata,
    spec: {
      selector: { matchLabels: { app: 'web' } },
      ...spec,
      template: {
        metadata: { labels: { app: 'web' } },
        ...spec.template,
        spec: { containers: [{ name: 'app', image: 'web:1' }], ...spec.template?.spec },
      },
    },
  });

const written: readonly Scenario[] = [
  {
    name: 'owners of a ConfigMap share, take and lose fields',
    kind: configMap,
    steps: [
      { do: 'create', manager: 'a', body: data({ x: '1', y: '1' }) },
      { do: 'apply', manager: 'b', body: data({ x: '1' }) },
      { do: 'apply', manager: 'b', body: data({ x: '2' }) },
      { do: 'apply', manager: 'b', force: true, body: data({ x: '2', z: '1' }) },
      { do: 'apply', manager: 'b', body: data({ x: '2', z: '1' }) },
      { do: 'merge', manager: 'a', body: { data: { x: '3' } } },
      { do: 'apply', manager: 'b', body: data({ x: '4', z: '2' }) },
      { do: 'apply', manager: 'b', body: data({}) },
      { do: 'apply', manager: 'c', body: object(configMap, { metadata: { labels: { l: '1' }, annotations: {} } }) },
      { do: 'merge', manager: 'a', body: { metadata: { labels: { l: null } }, data: null } },
      {
        do: 'apply',
        manager: 'c',
        body: object(configMap, { metadata: { labels: { l: '1' }, finalizers: ['ex.io/a'] } }),
      },
      { do: 'apply', manager: 'd', body: object(configMap, { metadata: { finalizers: ['ex.io/b', 'ex.io/a'] } }) },
      { do: 'apply', manager: 'c', body: object(configMap, { metadata: {} }) },
    ],
  },
  {
    name: 'tracking is reset, and begins again with the first apply',
    kind: configMap,
    steps: [
      { do: 'create', manager: 'a', body: data({ x: '1' }) },
      {
        do: 'put',
        manager: 'b',
        body: edit((live) => ({ metadata: { ...live.metadata, managedFields: [{}] }, data: { x: '2' } })),
      },
      { do: 'put', manager: 'b', body: edit(() => ({ data: { x: '3' } })) },
      { do: 'apply', manager: 'c', body: data({ x: '4' }) },
      { do: 'apply', manager: 'c', body: data({ y: '4' }) },
      { do: 'merge', manager: 'b', body: { metadata: { managedFields: [] } } },
      { do: 'merge', manager: 'b', body: { data: { z: '1' } } },
      { do: 'apply', manager: 'c', body: data({ z: '1' }) },
    ],
  },
  {
    name: 'the oldest of many updaters are folded',
    kind: configMap,
    steps: [
      { do: 'create', manager: 'm0', body: data({ k0: '1' }) },
      ...Array.from(
        { length: 14 },
        (_, index): Step => ({
          do: 'merge',
          manager: `m${index + 1}`,
          body: { data: { [`k${index + 1}`]: '1', ...(index > 10 ? { k3: `${index}` } : {}) } },
        }),
      ),
      { do: 'apply', manager: 'x', body: data({ k0: '2' }) },
      { do: 'merge', manager: 'm2', body: { data: { k2: '2' } } },
    ],
  },
  {
    name: 'entries are edited by hand',
    kind: configMap,
    steps: [
      {
        do: 'create',
        manager: 'a',
        body: object(configMap, {
          metadata: { managedFields: [entry('ghost', { 'f:data': { 'f:x': {} } })] },
          data: { x: '1' },
        }),
      },
      {
        do: 'json',
        manager: 'b',
        body: [{ op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' }],
      },
      {
        do: 'json',
        manager: 'b',
        body: [
          {
            op: 'replace',
            path: '/metadata/managedFields',
            value: [entry('only', { 'f:data': { 'f:x': {}, '.': {} }, 'v:1': {}, 'z:9': {} })],
          },
        ],
      },
      {
        do: 'put',
        manager: 'c',
        body: edit((live) => ({
          metadata: { ...live.metadata, managedFields: [{ manager: 'bad', operation: 'Nope' }] },
        })),
      },
      { do: 'apply', manager: 'd', body: data({ x: '2' }) },
    ],
  },
  {
    name: 'kubectl goes over from client-side to server-side apply',
    kind: deployment,
    steps: [
      { do: 'create', manager: 'kubectl-client-side-apply', body: noted(web({ replicas: 2 })) },
      { do: 'apply', manager: 'other', body: web({ replicas: 3 }) },
      { do: 'apply', manager: 'kubectl', body: web({ replicas: 4, paused: true }) },
      { do: 'merge', manager: 'human', body: { spec: { replicas: 7 } } },
      { do: 'apply', manager: 'kubectl', body: web({ replicas: 5 }) },
      { do: 'apply', manager: 'kubectl', force: true, body: web({ replicas: 5 }, { annotations: { note: '<&>' } }) },
    ],
  },
  {
    name: 'a Deployment is scaled, applied and reported on',
    kind: deployment,
    steps: [
      { do: 'apply', manager: 'owner', body: web({ replicas: 1 }) },
      { do: 'merge', subresource: 'scale', manager: 'hpa', body: { spec: { replicas: 4 } } },
      { do: 'merge', subresource: 'scale', manager: 'hpa', body: { spec: { replicas: 5 } } },
      { do: 'apply', manager: 'owner', body: web({ replicas: 2 }) },
      { do: 'apply', manager: 'owner', body: web({}) },
      {
        do: 'apply',
        subresource: 'scale',
        manager: 'scaler',
        force: true,
        body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: objectName }, spec: { replicas: 6 } },
      },
      {
        do: 'apply',
        subresource: 'scale',
        manager: 'other',
        body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: objectName }, spec: { replicas: 7 } },
      },
      { do: 'merge', subresource: 'scale', manager: 'hpa', body: { spec: { replicas: 8 } } },
      {
        do: 'merge',
        subresource: 'status',
        manager: 'controller',
        body: {
          status: {
            replicas: 3,
            conditions: [
              {
                type: 'Available',
                status: 'True',
                lastUpdateTime: '2020-01-01T00:00:00Z',
                lastTransitionTime: '2020-01-01T00:00:00Z',
              },
            ],
          },
        },
      },
      {
        do: 'apply',
        subresource: 'status',
        manager: 'reporter',
        body: object(deployment, {
          status: {
            conditions: [
              {
                type: 'Progressing',
                status: 'True',
                lastUpdateTime: '2020-01-01T00:00:00Z',
                lastTransitionTime: '2020-01-01T00:00:00Z',
              },
            ],
          },
        }),
      },
      {
        do: 'apply',
        subresource: 'status',
        manager: 'reporter',
        body: object(deployment, { status: { replicas: 4 } }),
      },
      { do: 'apply', manager: 'owner', body: { ...web({}), status: { replicas: 9 } } },
    ],
  },
  {
    name: 'containers, variables and ports have several owners',
    kind: deployment,
    steps: [
      {
        do: 'create',
        manager: 'creator',
        body: web({
          template: {
            spec: {
              containers: [
                { name: 'app', image: 'web:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
                { name: 'log', image: 'log:1' },
              ],
            },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'a',
        body: web({
          template: {
            spec: {
              containers: [
                {
                  name: 'app',
                  env: [
                    { name: 'B', value: '2' },
                    { name: 'A', value: '1' },
                  ],
                  ports: [{ containerPort: 80, protocol: 'UDP' }, { containerPort: 80 }],
                },
              ],
            },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'b',
        body: web({
          template: {
            spec: { containers: [{ name: 'mesh', image: 'mesh:1' }, { name: 'app' }], tolerations: [{ key: 'k' }] },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'a',
        body: web({
          template: {
            spec: { containers: [{ name: 'app', env: [{ name: 'C', value: '3' }] }], tolerations: [{ key: 'l' }] },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'a',
        force: true,
        body: web({
          template: {
            spec: {
              containers: [
                { name: 'log', image: 'log:2' },
                { name: 'app', env: [] },
              ],
              tolerations: [{ key: 'l' }],
            },
          },
        }),
      },
      {
        do: 'strategic',
        manager: 'c',
        body: {
          spec: {
            template: {
              spec: {
                containers: [
                  { name: 'log', $patch: 'delete' },
                  { name: 'app', env: [{ name: 'C', value: '4' }] },
                ],
              },
            },
          },
        },
      },
      { do: 'apply', manager: 'b', body: web({ template: { spec: { containers: [{ name: 'app' }] } } }) },
      {
        do: 'apply',
        manager: 'a',
        body: web({ template: { spec: { containers: [{ name: 'app' }, { name: 'app' }] } } }),
      },
      { do: 'apply', manager: 'a', body: web({ unknown: 1 }) },
      { do: 'apply', manager: 'a', body: web({ replicas: 'x', paused: {} }) },
    ],
  },
  {
    name: 'ports of a Service are told apart by a key with a default',
    kind: service,
    steps: [
      {
        do: 'apply',
        manager: 'a',
        body: object(service, {
          spec: {
            clusterIP: 'None',
            selector: { x: 'y' },
            ports: [
              { name: 'x', port: 53, protocol: 'UDP' },
              { name: 'y', port: 53 },
            ],
          },
        }),
      },
      {
        do: 'apply',
        manager: 'b',
        body: object(service, { spec: { ports: [{ port: 53, protocol: 'TCP', name: 'y' }], selector: { a: 'b' } } }),
      },
      {
        do: 'apply',
        manager: 'a',
        body: object(service, {
          spec: {
            clusterIP: 'None',
            selector: { x: 'y' },
            ports: [{ name: 'x', port: 53, protocol: 'UDP', targetPort: 'dns' }],
          },
        }),
      },
      { do: 'merge', manager: 'c', body: { spec: { ports: [{ name: 'only', port: 80 }] } } },
      {
        do: 'apply',
        manager: 'b',
        body: object(service, { spec: { ports: [{ port: 81, name: 'z' }], selector: { c: 'd' } } }),
      },
      { do: 'apply', manager: 'b', force: true, body: object(service, { spec: { selector: { c: 'd' } } }) },
    ],
  },
  {
    name: 'a Pod is patched and reported on',
    kind: pod,
    steps: [
      {
        do: 'create',
        manager: 'creator',
        body: object(pod, { spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } }),
      },
      { do: 'strategic', manager: 'labeler', body: { metadata: { labels: { a: 'b' }, finalizers: ['ex.io/a'] } } },
      {
        do: 'strategic',
        subresource: 'status',
        manager: 'kubelet',
        body: {
          status: {
            phase: 'Running',
            podIP: '10.0.0.1',
            podIPs: [{ ip: '10.0.0.1' }],
            conditions: [{ type: 'Ready', status: 'True' }],
          },
        },
      },
      {
        do: 'strategic',
        subresource: 'status',
        manager: 'kubelet',
        body: {
          status: {
            conditions: [
              { type: 'Ready', status: 'False' },
              { type: 'ex.io/gate', status: 'True' },
            ],
          },
        },
      },
      {
        do: 'apply',
        subresource: 'status',
        manager: 'gate',
        body: object(pod, {
          metadata: { labels: { x: 'y' } },
          status: { conditions: [{ type: 'ex.io/gate', status: 'False' }] },
        }),
      },
      {
        do: 'apply',
        manager: 'tolerant',
        body: object(pod, { metadata: { annotations: { a: 'b' } }, spec: { activeDeadlineSeconds: 60 } }),
      },
    ],
  },
  {
    name: 'custom resources have lists and maps of every kind',
    kind: widget,
    steps: [
      {
        do: 'apply',
        manager: 'a',
        body: object(widget, {
          spec: {
            set: ['x', 'y'],
            list: [{ key: 'k', proto: 'TCP', v: 1, inner: [1, 2] }],
            map: { a: '1' },
            atomicMap: { a: '1' },
            raw: { a: { b: [1] }, c: {}, d: null },
            any: 5,
            embedded: { apiVersion: 'v1', kind: 'K', metadata: { labels: { l: '1' } }, x: { y: 1 } },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'b',
        body: object(widget, {
          spec: {
            set: ['z', 'x'],
            list: [
              { key: 'k', proto: 'UDP' },
              { key: 'k', proto: 'TCP', inner: [3] },
            ],
            map: { b: '2' },
            atomicMap: { b: '2' },
            raw: { a: { b: [1] }, e: 'x' },
          },
        }),
      },
      {
        do: 'apply',
        manager: 'b',
        force: true,
        body: object(widget, {
          spec: { set: ['z', 'x'], atomicMap: { b: '2' }, raw: { a: { b: [2] } }, any: { now: { an: 'object' } } },
        }),
      },
      {
        do: 'put',
        manager: 'c',
        body: edit((live) => ({ spec: { ...live.spec, set: ['x', 'q'], any: [1], nullable: null } })),
      },
      { do: 'apply', manager: 'a', body: object(widget, { spec: { set: [], raw: {}, any: [1], nullable: null } }) },
      {
        do: 'apply',
        subresource: 'status',
        manager: 's',
        body: object(widget, { spec: { name: 'ignored' }, status: { conditions: [{ type: 'A', status: 'True' }] } }),
      },
      { do: 'merge', subresource: 'status', manager: 't', body: { status: { conditions: [{ type: 'B' }] } } },
      { do: 'apply', manager: 'a', body: object(widget, { spec: { list: [{ key: 'k' }] } }) },
      { do: 'apply', manager: 'a', body: object(widget, { spec: { list: [{ v: 1 }] } }) },
      { do: 'apply', manager: 'a', body: object(widget, { spec: { unknown: 1 } }) },
      { do: 'apply', manager: 'a', body: object(widget, {}) },
    ],
  },
  {
    name: 'versions of a custom resource are owned apart',
    kind: widget,
    steps: [
      { do: 'apply', manager: 'a', body: object(widget, { spec: { name: 'n', map: { a: '1' } } }) },
      { do: 'apply', version: 'v2', manager: 'b', body: object(widget, { spec: { map: { a: '2' } } }, 'v2') },
      {
        do: 'apply',
        version: 'v2',
        manager: 'b',
        force: true,
        body: object(widget, { spec: { map: { a: '2', b: '2' } } }, 'v2'),
      },
      { do: 'merge', version: 'v2', manager: 'c', body: { spec: { map: { b: '3', c: '3' } } } },
      { do: 'merge', manager: 'c', body: { spec: { map: { d: '4' } } } },
      { do: 'apply', version: 'v2', manager: 'a', body: object(widget, { spec: { map: { e: '5' } } }, 'v2') },
      { do: 'apply', manager: 'b', body: object(widget, { spec: { name: 'm' } }) },
    ],
  },
];

function entry(manager: string, fieldsV1: Live): Live {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

/** What kubectl sends on client-side apply. */
function noted(config: Live): Live {
  return { ...config, metadata: { ...config.metadata, annotations: { [lastApplied]: `${JSON.stringify(config)}\n` } } };
}

/** Random histories, the same in every run. */
function random(kind: ScenarioKind, seed: number, body: (dice: Dice) => Live): Scenario {
  const dice = new Dice(seed);
  const steps: Step[] = [{ do: dice.pick(['create', 'apply']), manager: 'a', body: body(dice) }];
  while (steps.length < 12) {
    const next = body(dice);
    steps.push({
      do: dice.pick(['apply', 'apply', 'apply', 'merge']),
      manager: dice.pick(['a', 'b', 'c']),
      force: dice.chance(0.4),
      body: next,
    });
  }
  return {
    name: `random history ${seed} of a ${kind.kind}`,
    kind,
    steps: steps.map((step) => (step.do === 'apply' ? step : { ...step, force: false })),
  };
}

class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return this.#state / 0x8000_0000;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)] as T;
  }

  some<T>(from: readonly T[]): T[] {
    const kept = from.filter(() => this.chance(0.5));
    return this.chance(0.5) ? kept.reverse() : kept;
  }

  /** The fields of which each is there or not. */
  fields(all: Live): Live {
    return Object.fromEntries(Object.entries(all).filter(() => this.chance(0.55)));
  }
}

function randomWidget(dice: Dice): Live {
  const values = (): Live => Object.fromEntries(dice.some(['a', 'b', 'c']).map((key) => [key, dice.pick(['1', '2'])]));
  return object(widget, {
    metadata: dice.fields({ labels: values(), finalizers: dice.some(['ex.io/a', 'ex.io/b']) }),
    spec: dice.fields({
      name: dice.pick(['x', 'y']),
      port: dice.pick([1, '2']),
      set: dice.some(['s', 't', 'u']),
      atomicList: dice.some(['s', 't']),
      list: dice.some(['k', 'l', 'm']).map((key) => ({
        key,
        proto: dice.pick(['TCP', 'UDP']),
        ...dice.fields({ v: dice.pick([1, 2]), inner: dice.some([1, 2, 3]) }),
      })),
      atomicMap: values(),
      map: values(),
      raw: dice.fields({ a: dice.pick([1, 'x', [1], { b: 1 }, {}, null]), c: values() }),
      any: dice.pick([1, 'x', [1], { y: 1 }]),
    }),
  });
}

function randomDeployment(dice: Dice): Live {
  const container = (name: string): Live => ({
    name,
    image: dice.pick(['i:1', 'i:2']),
    ...dice.fields({
      args: dice.some(['x', 'y']),
      env: dice.some(['E', 'F', 'G']).map((key) => ({ name: key, value: dice.pick(['1', '2']) })),
      ports: dice
        .some([80, 81])
        .map((containerPort) => ({ containerPort, ...dice.fields({ protocol: dice.pick(['TCP', 'UDP']) }) })),
      resources: { limits: { cpu: dice.pick(['1', '500m', '0.5']) } },
    }),
  });
  return web({
    ...dice.fields({
      replicas: dice.pick([0, 1, 2]),
      strategy: dice.pick([{ type: 'Recreate' }, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, {}]),
    }),
    template: {
      spec: {
        containers: [container('app'), ...dice.some(['b', 'c']).map(container)],
        ...dice.fields({
          tolerations: [{ key: dice.pick(['k', 'l']) }],
          volumes: dice.some(['v', 'w']).map((name) => ({ name, emptyDir: {} })),
        }),
      },
    },
  });
}

export const scenarios: readonly Scenario[] = [
  ...written,
  random(widget, 1, randomWidget),
  random(widget, 2, randomWidget),
  random(widget, 3, randomWidget),
  random(deployment, 4, randomDeployment),
  random(deployment, 5, randomDeployment),
];
