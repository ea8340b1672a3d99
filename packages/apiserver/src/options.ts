import type { Clock, Logger, Random } from '@bowline/apimachinery';
import { checkOptions, type OptionRules, optionsOf, recordOf, required, rules } from '@bowline/apimachinery/arguments';

/** What the server needs from outside. Everything has a default. */
export interface ApiServerPorts {
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined;
  /** Names, uids and time-outs come from it. @default the randomness of the machine */
  readonly random?: Random | undefined;
  /** @default silent */
  readonly logger?: Logger | undefined;
}

/** A person or program that may use the server, and the bearer token that it proves itself with. */
export interface TokenUser {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** Settings of an `ApiServer`. */
export interface ApiServerOptions {
  /** Which controllers run beside the server. A cluster has all of them; a bare kube-apiserver has none. */
  readonly controllers?:
    | {
        /** Deletes what has lost its owners. @default true */
        readonly garbageCollection?: boolean | undefined;
        /** Empties namespaces that are being deleted; without it they stay. @default true */
        readonly namespaces?: boolean | undefined;
        /** Deployments make ReplicaSets, those make Pods, and the pods run on a simulated node. @default true */
        readonly workloads?: boolean | undefined;
      }
    | undefined;
  /** Users by bearer token. When set, requests without a valid token are refused with 401. @default everybody is an administrator */
  readonly tokens?: Readonly<Record<string, TokenUser>> | undefined;
  /** How much of the past is kept for each resource, for watches that resume and lists that go on. */
  readonly history?:
    | {
        /** The most events. Too few, and watches that were away for a moment must list again. @default 20000 */
        readonly maxEvents?: number | undefined;
        /** Older events are dropped, the newest 100 excepted. Milliseconds. @default 300000, which is when etcd compacts */
        readonly maxAgeMs?: number | undefined;
      }
    | undefined;
  readonly watches?:
    | {
        /** A watch that does not say how long it lasts ends after this time to twice this time. Milliseconds. @default 1800000 */
        readonly minTimeoutMs?: number | undefined;
        /** How often watches that want bookmarks get one. Milliseconds. @default 60000 */
        readonly bookmarkIntervalMs?: number | undefined;
        /** A watch with more unread events is ended. Too few, and bursts end watches. @default 10000 */
        readonly maxUnreadEvents?: number | undefined;
      }
    | undefined;
  /** The largest body that is read, in bytes. @default 3145728 */
  readonly maxBodyBytes?: number | undefined;
}

/** `ApiServerOptions` with all defaults filled in and checked. */
export interface Settings {
  readonly controllers: {
    readonly garbageCollection: boolean;
    readonly namespaces: boolean;
    readonly workloads: boolean;
  };
  readonly tokens: ReadonlyMap<string, TokenUser> | undefined;
  readonly history: { readonly maxEvents: number; readonly maxAgeMs: number; readonly minEvents: number };
  readonly watches: {
    readonly minTimeoutMs: number;
    readonly bookmarkIntervalMs: number;
    readonly maxUnreadEvents: number;
  };
  readonly maxBodyBytes: number;
}

const action = 'make API server';

type Group<K extends keyof ApiServerOptions> = NonNullable<ApiServerOptions[K]>;

const portRules: OptionRules<ApiServerPorts> = { clock: rules.clock, random: rules.random, logger: rules.logger };
const optionRules: OptionRules<ApiServerOptions> = {
  controllers: optionsOf<Group<'controllers'>>({
    garbageCollection: rules.boolean,
    namespaces: rules.boolean,
    workloads: rules.boolean,
  }),
  tokens: recordOf(
    optionsOf<TokenUser>({ name: required(rules.nonEmptyString), uid: rules.string, groups: rules.strings }),
  ),
  history: optionsOf<Group<'history'>>({ maxEvents: rules.positive, maxAgeMs: rules.positive }),
  watches: optionsOf<Group<'watches'>>({
    minTimeoutMs: rules.positive,
    bookmarkIntervalMs: rules.positive,
    maxUnreadEvents: rules.positive,
  }),
  maxBodyBytes: rules.positive,
};

/** @throws {TypeError} for names that are unknown and ports that lack methods. */
export function checkPorts(ports: ApiServerPorts): void {
  checkOptions<ApiServerPorts>(action, ports, portRules, 'ports');
}

/** @throws {TypeError | RangeError} for unknown names, and for values that make no sense. */
export function resolveOptions(options: ApiServerOptions): Settings {
  checkOptions<ApiServerOptions>(action, options, optionRules);
  const { controllers, tokens, history, watches, maxBodyBytes } = options;
  return {
    controllers: {
      garbageCollection: controllers?.garbageCollection ?? true,
      namespaces: controllers?.namespaces ?? true,
      workloads: controllers?.workloads ?? true,
    },
    tokens: tokens === undefined ? undefined : new Map(Object.entries(tokens)),
    history: {
      maxEvents: history?.maxEvents ?? 20_000,
      maxAgeMs: history?.maxAgeMs ?? 300_000,
      minEvents: Math.min(100, history?.maxEvents ?? 100),
    },
    watches: {
      minTimeoutMs: watches?.minTimeoutMs ?? 1_800_000,
      bookmarkIntervalMs: watches?.bookmarkIntervalMs ?? 60_000,
      maxUnreadEvents: watches?.maxUnreadEvents ?? 10_000,
    },
    maxBodyBytes: maxBodyBytes ?? 3 * 1024 * 1024,
  };
}
