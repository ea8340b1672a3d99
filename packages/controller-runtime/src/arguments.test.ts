import { defineKind, type UnstructuredObject } from '@bowline/apimachinery';
import { FakeClock, RecordingLogger, seededRandom } from '@bowline/apimachinery/testing';
import { SharedInformerFactory } from '@bowline/informer';
import { describe } from 'vitest';
import type { ControllerBuilder } from './builder.ts';
import { FakeCluster } from './fake-cluster.ts';
import { enqueueRequestForOwner, enqueueRequestsFromMapFunc } from './handler.ts';
import { Manager } from './manager.ts';
import type { Enqueue } from './ports.ts';
import * as predicate from './predicate.ts';
import { reconcileOnce } from './reconcile-once.ts';
import { type Loose, loose, refuses } from './refusals.fixture.ts';
import { shutdownSignal } from './signals.ts';
import { Channel } from './source/channel.ts';
import { funcSource } from './source/func-source.ts';
import { InformerSource } from './source/informer-source.ts';

const scope = 'Namespaced';
const App = defineKind({ group: 'example.com', version: 'v1', kind: 'App', resource: 'apps', scope });
const Part = defineKind({ group: 'example.com', version: 'v1', kind: 'Part', resource: 'parts', scope });
const client = new FakeCluster();
const manager: Loose = (options) => new Manager({ client, ...(options as object) });
const builder = () => new Manager({ client }).controller('web') as unknown as Record<keyof ControllerBuilder, Loose>;
const factory = new SharedInformerFactory(client);
const informer = { addItemHandler() {} };
const handler = { create() {} };
const channel = new Channel();
const nothing = () => [];
const key = { namespace: 'default', name: 'a' };
const draft = (): UnstructuredObject =>
  ({ apiVersion: 'v1', kind: 'A', metadata: { ...key } }) as unknown as UnstructuredObject;
class Odd {
  readonly threshold = 3;
}

const aHandler =
  'a handler (an object with create, update or delete; enqueueRequestsFromMapFunc makes one of a function)';
const aPredicate = 'a predicate (an object with create, update or delete; predicate.filter makes one of a function)';
const aNamespace = 'a namespace name (lower-case letters, digits and dashes)';
const aRateLimiter = 'a rate limiter (an object with when, forget, numRequeues)';
/** A controller that makes its rate limiter. */
const limitedBy = loose((rateLimiter: () => never) =>
  new Manager({ client })
    .controller('web')
    .source(async () => {})
    .withOptions({ rateLimiter })
    .reconcile(() => {}),
);
const rejects = async () => {
  throw new Error('nobody handles this');
};
const aKind = 'a kind (from @bowline/api, defineKind or defineCrd)';

describe('Manager', () => {
  const creating = (rest: string) => `Cannot create manager: ${rest}`;
  refuses(
    'new Manager',
    loose((options: object) => new Manager(options)),
    [
      [creating('options must be an object, got undefined'), []],
      [creating('kubeConfig must be a configuration, got undefined'), [{}]],
      [creating('kubeConfig must be an object, got "~/.kube/config"'), [{ kubeConfig: '~/.kube/config' }]],
      [
        creating('client must be a client (an object with get, listItems, watchItems, with), got an object'),
        [{ client: {} }],
      ],
    ],
  );
  refuses('Manager options', manager, [
    [creating('options must have known names, got "namespace"; did you mean "namespaces"?'), [{ namespace: 'a' }]],
    [creating('clock must be a clock'), [{ clock: Date }]],
    [creating('random must be a source of randomness'), [{ random: Math }]],
    [creating('logger must be a logger'), [{ logger: console.log }]],
    [creating('metrics must be a metrics registry'), [{ metrics: {} }]],
    [creating('namespaces must be a non-empty array of names, got "default"'), [{ namespaces: 'default' }]],
    [creating('namespaces must be a non-empty array of names, got an array'), [{ namespaces: [] }]],
    [creating(`namespaces[0] must be ${aNamespace}, got ""`), [{ namespaces: [''] }]],
    [creating(`namespaces[1] must be ${aNamespace}, got 5`), [{ namespaces: ['a', 5] }]],
    [creating(`cache.namespaces[0] must be ${aNamespace}, got "A_"`), [{ cache: { namespaces: ['A_'] } }]],
    [
      creating(`cache.kinds[0].namespaces[0] must be ${aNamespace}, got "a-"`),
      [{ cache: { kinds: [{ kind: App, namespaces: ['a-'] }] } }],
    ],
    [creating('cache must be an object, got 5'), [{ cache: 5 }]],
    [creating('cache must have known names, got "resync"; did you mean "resyncMs"?'), [{ cache: { resync: 5 } }]],
    [creating('cache.resyncMs must be a finite number, 0 or more, got -1'), [{ cache: { resyncMs: -1 } }]],
    [creating('cache.readUncached must be "refuse" or "start", got true'), [{ cache: { readUncached: true } }]],
    [creating('cache.staleReadTimeoutMs must be more than 0, got 0'), [{ cache: { staleReadTimeoutMs: 0 } }]],
    [creating('cache.startConcurrency must be a whole number, 1 or more, got 0'), [{ cache: { startConcurrency: 0 } }]],
    [creating('cache.kinds must be an array, got an object'), [{ cache: { kinds: {} } }]],
    [creating(`cache.kinds[0].kind must be ${aKind}, got undefined`), [{ cache: { kinds: [{}] } }]],
    [
      creating('controller.maxConcurrentReconciles must be a whole number, 1 or more, got 0'),
      [{ controller: { maxConcurrentReconciles: 0 } }],
    ],
    [creating('controller must be an object, got 5'), [{ controller: 5 }]],
    [
      creating('controller must have known names, got "queue"; there are maxConcurrent'),
      [{ controller: { queue: 5 } }],
    ],
    [
      creating('controller.rateLimiter must be a function that returns a rate limiter, got 5'),
      [{ controller: { rateLimiter: 5 } }],
    ],
    [creating('cacheSyncTimeoutMs must be more than 0, got 0'), [{ cacheSyncTimeoutMs: 0 }]],
    [creating('gracePeriodMs must be 0 or more, got NaN'), [{ gracePeriodMs: Number.NaN }]],
  ]);
  refuses(
    'Manager.controller',
    (given) => loose(new Manager({ client }).controller.bind(new Manager({ client })))(given),
    [
      [`Cannot build controller: kind or name must be ${aKind} or a non-empty string, got undefined`, []],
      ['Cannot build controller: kind or name must be', ['']],
      ['Cannot build controller: kind or name must be', [{ kind: 'App' }]],
    ],
  );
  refuses('Manager.add', (...given) => loose((a: never, b: never) => new Manager({ client }).add(a, b))(...given), [
    ['Cannot add runnable: runnable must be a function or a runnable (an object with run), got undefined', []],
    [
      'Cannot add runnable: group must be "servers", "caches" or "controllers", got "first"',
      [nothing, { group: 'first' }],
    ],
    ['Cannot add runnable: name must be a non-empty string, got ""', [nothing, { name: '' }]],
  ]);
  refuses('Manager.run', (signal) => loose((given: AbortSignal) => new Manager({ client }).run(given))(signal), [
    ['Cannot run manager: signal must be an AbortSignal, got undefined', []],
    ['Cannot run manager: signal must be an AbortSignal, got an object (AbortController)', [new AbortController()]],
  ]);
  refuses('shutdownSignal', loose(shutdownSignal), [
    ['Cannot listen for shutdown: source must be a process (an object with on, exit), got an object', [{}]],
    [
      'Cannot listen for shutdown: clock must be a clock (an object with monotonic), got 5',
      [{ on() {}, exit() {} }, 5],
    ],
  ]);
});

describe('ControllerBuilder', () => {
  const building = (rest: string) => `Cannot build controller "web": ${rest}`;
  refuses('for', (...given) => builder().for(...given), [
    [building(`kind of for must be ${aKind}, got undefined`), []],
    [building('kind of for must be'), ['App']],
    [building('options of for must be an object, got null'), [App, null]],
    [
      building('options of for must have known names, got "predicate"; did you mean "predicates"?'),
      [App, { predicate: [] }],
    ],
    [building('options of for.predicates must be an array, got a function'), [App, { predicates: () => true }]],
    [
      building(`options of for.predicates[0] must be ${aPredicate}, got a function`),
      [App, { predicates: [() => true] }],
    ],
    [
      building('options of for.predicates[1] must have known names, got "onUpdate"; did you mean "update"?'),
      [App, { predicates: [{}, { onUpdate() {} }] }],
    ],
    [building('options of for.metadataOnly must be true or false, got "yes"'), [App, { metadataOnly: 'yes' }]],
  ]);
  refuses('owns', (...given) => builder().owns(...given), [
    [building(`kind of owns must be ${aKind}, got undefined`), []],
    [
      building('options of owns must have known names, got "matchEveryOwners"; did you mean "matchEveryOwner"?'),
      [Part, { matchEveryOwners: true }],
    ],
    [building('options of owns.matchEveryOwner must be true or false, got 1'), [Part, { matchEveryOwner: 1 }]],
    [
      building('options of owns.predicates[0] must have known names, got "onUpdat"'),
      [Part, { predicates: [{ onUpdat() {} }] }],
    ],
  ]);
  refuses('watches', (...given) => builder().watches(...given), [
    [building(`kind of watches must be ${aKind}, got undefined`), []],
    [building(`handler of watches must be ${aHandler}, got undefined`), [Part]],
    [building(`handler of watches must be ${aHandler}, got a function`), [Part, nothing]],
    [building(`handler of watches must be ${aHandler}, got an object`), [Part, {}]],
    [building(`handler of watches must be ${aHandler}, got an object (Odd)`), [Part, new Odd()]],
    [building('handler of watches must have known names, got "onAdd"'), [Part, { onAdd() {} }]],
    [building('handler of watches.create must be a function, got "add"'), [Part, { create: 'add' }]],
    [building('options of watches must have known names, got "filters"'), [Part, handler, { filters: [] }]],
  ]);
  refuses('source', (...given) => builder().source(...given), [
    [building('source must be a function, a channel (an object with offer, subscribe) or a source'), []],
    [building('source must be a function, a channel'), [factory]],
    [building('source must be a function, a channel'), [factory.informer(App)]],
    [building('source must be a function, a channel'), [{ start() {} }]],
    [building('function that maps the events of the channel to keys must be a function, got undefined'), [channel]],
    [building('options of source.name must be a non-empty string, got ""'), [channel, nothing, { name: '' }]],
    [
      building('function that maps the events of the channel to keys must be absent here, got a function'),
      [nothing, nothing],
    ],
  ]);
  refuses('withEventFilter', (...given) => builder().withEventFilter(...given), [
    [building(`predicate of withEventFilter must be ${aPredicate}, got undefined`), []],
    [building(`predicate of withEventFilter must be ${aPredicate}, got a function`), [() => true]],
    [
      building('predicate of withEventFilter must have known names, got "onUpdat"; there are create, update, delete'),
      [{ onUpdat() {} }],
    ],
    [building('predicate of withEventFilter.update must be a function, got true'), [{ update: true }]],
    [building(`predicate of withEventFilter must be ${aPredicate}, got an object (Odd)`), [new Odd()]],
  ]);
  refuses('withOptions', (...given) => builder().withOptions(...given), [
    [building('options must be an object, got undefined'), []],
    [building('options must have known names, got "concurrency"'), [{ concurrency: 5 }]],
    [
      building('maxConcurrentReconciles must be a whole number, 1 or more, got 1.5'),
      [{ maxConcurrentReconciles: 1.5 }],
    ],
    [building('reconciliationTimeoutMs must be 0 or more, got -1'), [{ reconciliationTimeoutMs: -1 }]],
    [building('cacheSyncTimeoutMs must be more than 0, got 0'), [{ cacheSyncTimeoutMs: 0 }]],
    [building('drainMs must be 0 or more, got NaN'), [{ drainMs: Number.NaN }]],
    [building('rateLimiter must be a function that returns a rate limiter, got an object'), [{ rateLimiter: {} }]],
  ]);
  refuses('reconcile, when rateLimiter', limitedBy, [
    [building(`what rateLimiter returns must be ${aRateLimiter}, got 5`), [() => 5]],
    [building(`what rateLimiter returns must be ${aRateLimiter}, got undefined`), [() => undefined]],
    [building(`what rateLimiter returns must be ${aRateLimiter}, got an object`), [() => ({ when() {} })]],
    [building(`what rateLimiter returns must be ${aRateLimiter}, got an object (Promise)`), [rejects]],
  ]);
  refuses('reconcile', (...given) => builder().reconcile(...given), [
    [building('reconcile must be a function, got undefined'), []],
    [building('reconcile must be a function, got an object'), [{ reconcile() {} }]],
  ]);
});

describe('predicates and handlers', () => {
  const making = (rest: string) => `Cannot make predicate: ${rest}`;
  refuses('predicate.and', loose(predicate.and), [
    [making(`predicates[1] must be ${aPredicate}, got undefined`), [{}, undefined]],
    [making('predicates[0] must have known names, got "onUpdat"'), [{ onUpdat() {} }]],
  ]);
  refuses('predicate.or', loose(predicate.or), [
    [making('predicates[0].create must be a function, got 5'), [{ create: 5 }]],
  ]);
  refuses('predicate.not', loose(predicate.not), [[making(`predicate must be ${aPredicate}, got undefined`), []]]);
  refuses('predicate.filter', loose(predicate.filter), [[making('accepts must be a function, got an object'), [{}]]]);
  refuses('predicate.labelSelector', loose(predicate.labelSelector), [
    [making('selector must be a string or a LabelSelector (an object with matches), got an object'), [{ app: 'web' }]],
    [making(`selector must be a selector in kubectl's syntax, got "a in"; unable to parse requirement`), ['a in']],
  ]);
  refuses('enqueueRequestForOwner', loose(enqueueRequestForOwner), [
    [`Cannot enqueue owners: owner must be ${aKind}, got undefined`, []],
    ['Cannot enqueue owners: options must have known names, got "controller"', [App, { controller: true }]],
  ]);
  refuses('enqueueRequestsFromMapFunc', loose(enqueueRequestsFromMapFunc), [
    ['Cannot enqueue requests: map must be a function, got undefined', []],
  ]);
  const mapped = (result: unknown) =>
    loose(enqueueRequestsFromMapFunc(() => result as never).create)({ object: draft() }, { add() {} });
  refuses('what a map function returns', mapped, [
    [
      'Cannot enqueue requests: what the map function returns must be an iterable of { namespace, name }, got undefined',
      [],
    ],
    ['what the map function returns must be an iterable of { namespace, name }, got "default/a"', ['default/a']],
    ['Cannot enqueue request: key must be { namespace, name }, got "default/a"', [['default/a']]],
    ['Cannot enqueue request: name must be a non-empty string without slashes, got undefined', [[{ namespace: 'a' }]]],
  ]);
});

describe('sources', () => {
  refuses(
    'new InformerSource',
    loose((...given: never[]) => new InformerSource(...(given as unknown as [never, never, never]))),
    [
      ['Cannot make source: informer must be an informer (an object with addItemHandler), got undefined', []],
      [
        'Cannot make source: informer must be an informer (an object with addItemHandler), got an object (SharedInformerFactory)',
        [factory],
      ],
      [`Cannot make source: handler must be ${aHandler}, got undefined`, [informer]],
      ['Cannot make source: options must be an object, got undefined', [informer, handler]],
      ['Cannot make source: kind must be a non-empty string, got undefined', [informer, handler, {}]],
      [
        'Cannot make source: predicates must be an array, got an object',
        [informer, handler, { kind: 'App', predicates: {} }],
      ],
      [
        'Cannot make source: predicates[0] must have known names, got "onUpdat"',
        [informer, handler, { kind: 'App', predicates: [{ onUpdat() {} }] }],
      ],
    ],
  );
  refuses('funcSource', loose(funcSource), [
    ['Cannot make source: start must be a function, got undefined', []],
    ['Cannot make source: name must be a non-empty string, got 5', [nothing, { name: 5 }]],
  ]);
  refuses(
    'new Channel',
    loose((options: object) => new Channel(options)),
    [
      ['Cannot create channel: options must be an object, got 5', [5]],
      ['Cannot create channel: capacity must be a whole number, 1 or more, got 0', [{ capacity: 0 }]],
      ['Cannot create channel: options must have known names, got "size"', [{ size: 5 }]],
    ],
  );
  refuses('Channel.subscribe', loose(channel.subscribe), [
    ['Cannot subscribe to channel: held must be a function, got 5', [5]],
  ]);
  const added = async (...given: unknown[]) => {
    const clock = new FakeClock();
    const manager = new Manager({ client, clock, logger: new RecordingLogger(), random: seededRandom(1) });
    const add = async (queue: Enqueue) => void (queue.add as Loose)(...given);
    manager
      .controller('web')
      .source(add)
      .reconcile(() => {});
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    running.catch(() => {});
    await clock.settle();
    stop.abort();
    await clock.advance(60_000);
    await running;
  };
  refuses('Enqueue.add', added, [
    ['Cannot enqueue request: key must be { namespace, name } or "namespace/name", got ""', ['']],
    ['Cannot enqueue request: key must be { namespace, name } or "namespace/name", got "default/"', ['default/']],
    ['Cannot enqueue request: key must be { namespace, name }, got undefined', []],
    ['Cannot enqueue request: name must be a non-empty string without slashes, got undefined', [{}]],
    ['Cannot enqueue request: name must be a non-empty string without slashes, got ""', [{ name: '' }]],
    ['Cannot enqueue request: namespace must be a string, got 5', [{ name: 'a', namespace: 5 }]],
    ['afterMs must be a finite number, 0 or more, got -1', ['a', { afterMs: -1 }]],
    ['options.after is unknown', ['a', { after: 5 }]],
  ]);
});

describe('Cache', () => {
  const cache = () => new Manager({ client, cache: { readUncached: 'start' } }).cache;
  const listing = (rest: string) => `Cannot list App.example.com: ${rest}`;
  refuses('get', (...given) => loose((kind: never, key: never) => cache().get(kind, key))(...given), [
    ['Cannot get from cache: key must be { namespace, name }, got undefined', [App]],
    ['Cannot get from cache: name must be a non-empty string, got ""', [App, { name: '' }]],
    ['Cannot read from cache: kind must be a kind', [undefined, key]],
  ]);
  refuses('list', (...given) => loose((kind: never) => cache().list(kind))(...given), [
    ['Cannot read from cache: kind must be a kind, or { group, version, resource, scope }, got "apps"', ['apps']],
  ]);
  refuses('informer', (...given) => loose((kind: never, options: never) => cache().informer(kind, options))(...given), [
    [`Cannot cache objects: kind must be ${aKind}, got undefined`, []],
    ['Cannot cache objects: metadataOnly must be true or false, got "yes"', [App, { metadataOnly: 'yes' }]],
  ]);
  const narrowed = (own: object) =>
    new Manager({ client, cache: { kinds: [{ kind: App, ...own }] } }).cache.informer(App);
  refuses('informer of a kind with settings of its own', loose(narrowed), [
    ['Cannot cache App: labelSelector must be a selector', [{ labelSelector: '((' }]],
    ['Cannot cache App: fieldSelector must be a selector', [{ fieldSelector: '((' }]],
  ]);
  refuses('informer(Kind).get', (given) => loose(cache().informer(App).get.bind(cache().informer(App)))(given), [
    ['Cannot get App.example.com: key must be { namespace, name }, got undefined', []],
    ['Cannot get App.example.com: name must be a non-empty string, got 5', [{ name: 5 }]],
  ]);
  refuses('informer(Kind).list', (given) => loose(cache().informer(App).list.bind(cache().informer(App)))(given), [
    [listing('options must be an object, got "default"'), ['default']],
    [listing('options must have known names, got "selector"'), [{ selector: 'a' }]],
    [listing('limit must be a whole number, 1 or more, got 0'), [{ limit: 0 }]],
    [
      listing(`labelSelector must be a selector in kubectl's syntax, got "a in"; unable to parse requirement`),
      [{ labelSelector: 'a in' }],
    ],
    [listing(`fieldSelector must be a selector in kubectl's syntax, got "a"; invalid`), [{ fieldSelector: 'a' }]],
  ]);
  refuses(
    'addIndex',
    (...given) => loose((...all: never[]) => cache().addIndex(...(all as unknown as [never, never, never])))(...given),
    [
      [`Cannot add index: kind must be ${aKind}, got undefined`, []],
      ['Cannot add index: name must be a non-empty string, got ""', [App, '']],
      ['Cannot add index: definition must be a function or a non-empty string, got undefined', [App, 'spec.tier']],
    ],
  );
});

describe('reconcileOnce', () => {
  const once = 'Cannot reconcile once:';
  refuses('reconcileOnce', loose(reconcileOnce), [
    [`${once} reconcile must be a function, got undefined`, []],
    [`${once} options must be an object, got undefined`, [nothing]],
    [`${once} client must be a client`, [nothing, { key }]],
    [`${once} client must be a client`, [nothing, { client: {}, key }]],
    [`${once} key must be { namespace, name }, got undefined`, [nothing, { client }]],
    [`${once} key must be { namespace, name }, got "default/a"`, [nothing, { client, key: 'default/a' }]],
    ['name must be a non-empty string without slashes, got undefined', [nothing, { client, key: {} }]],
    [`${once} causes must be an array, got "create"`, [nothing, { client, key, causes: 'create' }]],
    [
      `${once} signal must be an AbortSignal, got an object (AbortController)`,
      [nothing, { client, key, signal: new AbortController() }],
    ],
    [`${once} logger must be a logger`, [nothing, { client, key, logger: {} }]],
    [`${once} random must be a source of randomness`, [nothing, { client, key, random: Math }]],
    [
      `${once} options must have known names, got "cause"; did you mean "causes"?`,
      [nothing, { client, key, cause: [] }],
    ],
  ]);
});
