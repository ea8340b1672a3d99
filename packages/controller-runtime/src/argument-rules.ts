import {
  anyOf,
  listOf,
  type OptionRules,
  oneOf,
  optionsOf,
  required,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from '@bowline/apimachinery/arguments';
import type { CacheOptions, KindCacheOptions } from './cache/options.ts';
import type { ControllerOptions } from './options.ts';

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const storage = anyOf(oneOf('packed', 'plain'), rules.function);
const namespaces: ValueRule = {
  ...valueRule('a non-empty array of names', Array.isArray, (list) => list.length > 0),
  each: valueRule(
    'a namespace name (lower-case letters, digits and dashes)',
    (value): value is string => typeof value === 'string',
    (name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name),
  ),
};
const text: ValueRule = rules.nonEmptyString;
const { kind, positive, notNegative } = rules;

/** What the settings of a controller must be. */
export const controllerOptionRules: OptionRules<ControllerOptions> = {
  maxConcurrentReconciles: rules.positiveCount,
  reconciliationTimeoutMs: notNegative,
  cacheSyncTimeoutMs: positive,
  drainMs: notNegative,
  rateLimiter: { ...rules.function, text: 'a function that returns a rate limiter' },
  usePriorityQueue: rules.boolean,
  maxStarvationMs: positive,
};

/** What the arguments of this package must be, besides what they must be everywhere. */
export const argument: {
  readonly absent: ValueRule;
  readonly namespaces: ValueRule;
  readonly kindOrName: ValueRule;
  readonly resource: ValueRule;
  readonly source: ValueRule;
  readonly runnable: ValueRule;
  readonly rateLimiter: ValueRule;
  readonly object: ValueRule;
  readonly owner: ValueRule;
  readonly draft: ValueRule;
  readonly labelSelector: ValueRule;
  readonly fieldSelector: ValueRule;
  readonly controllerOptions: ValueRule;
  readonly cacheOptions: ValueRule;
} = {
  absent: valueRule('absent here', (value) => value === undefined),
  namespaces,
  kindOrName: anyOf(kind, text),
  resource: valueRule(
    'a kind, or { group, version, resource, scope }',
    (value): value is Members =>
      isObject(value) &&
      typeof value.group === 'string' &&
      isText(value.version) &&
      isText(value.resource) &&
      ['Namespaced', 'Cluster'].includes(String(value.scope)),
  ),
  source: valueRule(
    'a function, a channel (an object with offer, subscribe) or a source (an object with name, start; InformerSource makes one of an informer)',
    (value): value is object => {
      if (typeof value === 'function') return true;
      if (!isObject(value)) return false;
      const has = (method: string): boolean => typeof value[method] === 'function';
      return (has('offer') && has('subscribe')) || (has('start') && isText(value.name));
    },
  ),
  rateLimiter: withMethods('a rate limiter', 'when', 'forget', 'numRequeues'),
  runnable: anyOf(rules.function, withMethods('a runnable', 'run')),
  object: valueRule(
    'an object with metadata',
    (value): value is Members => isObject(value) && isObject(value.metadata),
  ),
  owner: valueRule(
    'an object that was read from the server, with apiVersion, kind, metadata.name and metadata.uid',
    (value): value is Members =>
      isObject(value) &&
      isObject(value.metadata) &&
      [value.apiVersion, value.kind, value.metadata.name, value.metadata.uid].every(isText),
  ),
  draft: valueRule(
    'an object with metadata that may be changed (clone what a cache gave)',
    (value): value is { metadata: Members } => isObject(value) && isObject(value.metadata),
    ({ metadata }) => !Object.isFrozen(metadata),
  ),
  labelSelector: anyOf(rules.string, withMethods('a LabelSelector', 'matches')),
  fieldSelector: anyOf(rules.string, withMethods('a FieldSelector', 'matches')),
  controllerOptions: optionsOf<ControllerOptions>(controllerOptionRules),
  cacheOptions: optionsOf<CacheOptions>({
    namespaces,
    kinds: listOf(
      optionsOf<KindCacheOptions>({
        kind: required(kind),
        namespaces,
        labelSelector: rules.string,
        fieldSelector: rules.string,
        storage,
      }),
    ),
    storage,
    readUncached: oneOf('refuse', 'start'),
    resyncMs: valueRule(
      'a finite number, 0 or more',
      (value): value is number => typeof value === 'number',
      (value) => value >= 0 && value < Number.POSITIVE_INFINITY,
    ),
    startConcurrency: rules.positiveCount,
    staleReadTimeoutMs: positive,
  }),
};
