import type { Command } from './peer-process.ts';
import type { Steps } from './session.ts';
import type { Programs, Toolchain } from './toolchains.ts';

/** Whom we compare with, and ourselves. */
export interface Peer {
  readonly name: string;
  readonly toolchain: Toolchain;
  command(programs: Programs, url: string, pods: number): Command;
}

/** One measurement of a peer: with so many pods, and what is done once it has synced. */
export interface Measurement {
  readonly peer: PeerId;
  /** 0: a program that measures itself, without a server. */
  readonly pods: number;
  readonly steps: Steps;
  /** At most so many runs, for one that takes long. @default all */
  readonly mostRuns?: number | undefined;
}

const bowline = (name: string, ...flags: readonly string[]): Peer => ({
  name,
  toolchain: 'node',
  command: (programs, url, pods) => ({
    file: process.execPath,
    arguments: ['--expose-gc', programs.file('node', 'bowline-informer'), `--url=${url}`, `--pods=${pods}`, ...flags],
  }),
});

const clientGo = (name: string, mode: 'protobuf' | 'json' | 'dynamic', watchList: boolean): Peer => ({
  name,
  toolchain: 'go',
  command: (programs, url, pods) => ({
    file: programs.file('go', 'client-go'),
    arguments: ['-url', url, '-pods', String(pods), '-mode', mode],
    env: { KUBE_FEATURE_WatchListClient: String(watchList) },
  }),
});

const kubeRs = (name: string, mode: 'typed' | 'typed-streaming' | 'dynamic'): Peer => ({
  name,
  toolchain: 'rust',
  command: (programs, url, pods) => ({
    file: programs.file('rust', 'kube-rs-peer'),
    arguments: [url, String(pods), mode],
  }),
});

const alone = (name: string, toolchain: Toolchain, program: string): Peer => ({
  name,
  toolchain,
  command: (programs) =>
    toolchain === 'node'
      ? { file: process.execPath, arguments: ['--expose-gc', programs.file('node', program)] }
      : { file: programs.file(toolchain, program), arguments: [] },
});

/** Everybody, by a short name. */
export const peers = {
  bowline: bowline('Bowline', '--reads=nothing'),
  bowlineList: bowline('Bowline, list and watch', '--reads=nothing', '--list'),
  bowlineWarm: bowline('Bowline, in a process that has asked the server before', '--reads=nothing', '--warm'),
  bowlinePlacement: bowline('Bowline, handler reads name, labels, node', '--reads=placement'),
  bowlineEverything: bowline('Bowline, handler reads everything', '--reads=everything'),
  bowlineCustom: bowline('Bowline, custom resource', '--kind=custom'),
  bowlineCold: bowline('Bowline, cold objects compressed', '--reads=nothing', '--cold'),
  goList: clientGo('client-go, protobuf, list', 'protobuf', false),
  goWatchList: clientGo('client-go, protobuf, WatchList (its default)', 'protobuf', true),
  goDynamic: clientGo('client-go dynamic, custom resource', 'dynamic', true),
  rust: kubeRs('kube-rs, typed', 'typed'),
  rustDynamic: kubeRs('kube-rs dynamic, custom resource', 'dynamic'),
  makeInformer: {
    name: 'makeInformer of @kubernetes/client-node',
    toolchain: 'node',
    command: (programs, url, pods) => ({
      file: process.execPath,
      arguments: ['--expose-gc', programs.file('node', 'make-informer'), url, String(pods)],
    }),
  },
  bowlineQueues: alone('Bowline, queues', 'node', 'bowline-queues'),
  goQueues: alone('client-go and controller-runtime, queues', 'go', 'queues'),
  rustReconciles: alone('kube-rs, reconciles', 'rust', 'reconciles'),
} as const satisfies Readonly<Record<string, Peer>>;

export type PeerId = keyof typeof peers;

/** Numbers of pods of the pictures; the least shows small caches. */
export interface Sizes {
  readonly small: readonly number[];
  readonly main: number;
  readonly large: readonly number[];
}

/** Everything that is measured in one run, in the order in which it is. Peers take turns, so that what disturbs the machine disturbs all. */
export function plan({ small, main, large }: Sizes, burst: number): Measurement[] {
  const grown: readonly PeerId[] = ['bowline', 'goWatchList', 'rust', 'makeInformer'];
  const at = (peer: PeerId, pods: number, steps: Steps = {}, mostRuns?: number): Measurement => ({
    peer,
    pods,
    steps,
    mostRuns,
  });
  return [
    ...small.flatMap((pods) => grown.map((peer) => at(peer, pods))),
    at('bowline', main, { burst, relist: true }),
    at('goList', main, { burst }),
    at('bowlineList', main, { reads: true }),
    at('rust', main, { burst: burst / 2, relist: true, release: true }, 3),
    at('bowlinePlacement', main),
    at('goWatchList', main, { burst, relist: true, release: true }),
    at('bowlineEverything', main),
    at('bowlineWarm', main, { release: true }),
    at('makeInformer', main, { burst }, 3),
    at('bowlineCustom', main, { burst, relist: true }),
    at('rustDynamic', main, { burst: burst / 2 }, 3),
    at('goDynamic', main, { burst: burst / 4 }, 2),
    ...large.flatMap((pods) =>
      grown.map((peer) => (peer === 'bowline' ? at(peer, pods, { release: true }) : at(peer, pods, {}, 2))),
    ),
    ...large.slice(-1).map((pods) => at('bowlineCold', pods, { cool: true, release: true }, 3)),
    at('bowlineQueues', 0),
    at('goQueues', 0, {}, 3),
    at('rustReconciles', 0),
  ];
}
