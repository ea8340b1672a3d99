import { type PeerId, peers } from './plan.ts';
import type { Results } from './results.ts';
import { crossover, fitLine, growthExponent } from './statistics.ts';

/** One line of the table: a figure of ours, whom it is compared with, and what it is to reach. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly other?: { readonly name: string; readonly value: number } | undefined;
  /** How many times as fast, or how much of the memory. */
  readonly ratio?: number | undefined;
  readonly reach?: { readonly atLeast: number } | { readonly atMost: number } | undefined;
}

export type Unit = 'ms' | 'µs' | 'bytes' | '/s' | '×' | 'exponent' | 'pods' | 'reads';

/** Whether a row reaches its target; `undefined` without a target, or when it was not measured. */
export function reaches({ value, ratio, reach }: Row): boolean | undefined {
  const judged = ratio ?? value;
  if (reach === undefined || Number.isNaN(judged)) return undefined;
  return 'atLeast' in reach ? judged >= reach.atLeast : judged <= reach.atMost;
}

const formatCount = (count: number): string => count.toLocaleString('en-US');

/** All rows, in the order of the table. */
export function rowsOf(results: Results): Row[] {
  const { sizes, burst } = results.recording;
  const { main } = sizes;
  const most = sizes.large.at(-1) ?? main;
  const pods = `${formatCount(main)} pods`;
  const value = (peer: PeerId, figure: string, count = main): number => results.value(peer, count, figure);
  const other = (peer: PeerId, figure: string, count = main) => ({
    name: peers[peer].name,
    value: value(peer, figure, count),
  });

  /** How many times as fast as a peer we are. */
  const faster = (what: string, ours: PeerId, theirs: PeerId, atLeast?: number): Row => ({
    what,
    value: value(ours, 'syncMs'),
    unit: 'ms',
    other: other(theirs, 'syncMs'),
    ratio: value(theirs, 'syncMs') / value(ours, 'syncMs'),
    reach: atLeast === undefined ? undefined : { atLeast },
  });
  /** As `faster`, for rates. */
  const more = (what: string, ours: PeerId, theirs: PeerId, figure: string, atLeast?: number, count = main): Row => ({
    what,
    value: value(ours, figure, count),
    unit: '/s',
    other: other(theirs, figure, count),
    ratio: value(ours, figure, count) / value(theirs, figure, count),
    reach: atLeast === undefined ? undefined : { atLeast },
  });
  const smaller = (what: string, theirs: PeerId, figure: string, atMost?: number): Row => ({
    what,
    value: value('bowline', 'settledBytes'),
    unit: 'bytes',
    other: other(theirs, figure),
    ratio: value('bowline', 'settledBytes') / value(theirs, figure),
    reach: atMost === undefined ? undefined : { atMost },
  });
  const absolute = (what: string, measured: number, unit: Unit, atMost?: number): Row => ({
    what,
    value: measured,
    unit,
    reach: atMost === undefined ? undefined : { atMost },
  });

  const grown = (figure: string): number => growthExponent(results.curve('bowline', figure, sizes.small.at(-1) ?? 0));
  const memory = (peer: PeerId) => fitLine(results.curve(peer, 'settledBytes'));
  const savedUs = ((value('goWatchList', 'syncProcessorMs') - value('bowline', 'syncProcessorMs')) / main) * 1_000;
  return [
    faster(`sync of ${pods}, handler reads nothing`, 'bowline', 'goList', 3.5),
    faster(`sync of ${pods}, handler reads nothing`, 'bowline', 'goWatchList'),
    faster(`sync of ${pods}, handler reads nothing`, 'bowline', 'rust'),
    faster(`sync of ${pods}, handler reads nothing`, 'bowline', 'makeInformer', 9),
    faster(`sync of ${pods}, all code loaded before`, 'bowlineWarm', 'goList'),
    faster(`sync of ${pods}, list and watch instead of WatchList`, 'bowlineList', 'goList'),
    faster(`sync of ${pods}, handler reads name, labels, spec.nodeName`, 'bowlinePlacement', 'goList', 2.5),
    faster(`sync of ${pods}, handler reads everything`, 'bowlineEverything', 'goList'),
    faster(`sync of ${formatCount(main)} custom objects`, 'bowlineCustom', 'goDynamic', 10),
    faster(`sync of ${formatCount(main)} custom objects`, 'bowlineCustom', 'rustDynamic', 3),
    smaller(`resident memory with ${pods}`, 'goWatchList', 'settledBytes', 0.3),
    smaller(`resident memory with ${pods}`, 'rust', 'settledBytes', 0.14),
    smaller(`resident memory with ${pods}`, 'makeInformer', 'settledBytes'),
    {
      what: `resident memory with ${pods}, when both runtimes have given back what they keep for a while`,
      value: value('bowlineWarm', 'releasedBytes'),
      unit: 'bytes',
      other: other('goWatchList', 'releasedBytes'),
      ratio: value('bowlineWarm', 'releasedBytes') / value('goWatchList', 'releasedBytes'),
    },
    absolute(
      'bytes for each pod, beyond the process before its sync',
      (value('bowlineWarm', 'settledBytes') - value('bowlineWarm', 'emptyBytes')) / main,
      'bytes',
      4_000,
    ),
    absolute(
      'bytes for each pod, the same when the runtime has given back what it keeps for a while',
      (value('bowlineWarm', 'releasedBytes') - value('bowlineWarm', 'emptyBytes')) / main,
      'bytes',
    ),
    more(`burst of ${formatCount(burst)} events`, 'bowline', 'goList', 'burstPerS', 3),
    more(`burst of ${formatCount(burst)} events`, 'bowline', 'rust', 'burstPerS'),
    more(`burst of ${formatCount(burst)} events`, 'bowline', 'makeInformer', 'burstPerS'),
    more('burst of events, custom objects', 'bowlineCustom', 'goDynamic', 'burstPerS', 15),
    more('burst of events, custom objects', 'bowlineCustom', 'rustDynamic', 'burstPerS', 4),
    absolute('get of one pod, all of it decoded, p50', value('bowlineList', 'readsGetP50Us'), 'µs', 30),
    absolute('get of one pod, all of it decoded, p99', value('bowlineList', 'readsGetP99Us'), 'µs', 150),
    absolute('get of one pod, metadata only, p50', value('bowlineList', 'readsGetMetadataP50Us'), 'µs', 3),
    absolute('get of one pod, metadata only, p99', value('bowlineList', 'readsGetMetadataP99Us'), 'µs'),
    absolute('first list by path index, spec.nodeName', value('bowlineList', 'readsListByPathMs'), 'ms', 500),
    absolute('first list by objects, spec.nodeName', value('bowlineList', 'readsListByObjectMs'), 'ms', 2_000),
    absolute('list by objects with inSlices, spec.nodeName', value('bowlineList', 'readsListInSlicesMs'), 'ms'),
    absolute('list of everything, all of it read', value('bowlineList', 'readsListEverythingMs'), 'ms'),
    absolute(
      'memory peak in a relist, by settled',
      value('bowline', 'relistPeakBytes') / value('bowline', 'beforeRelistBytes'),
      '×',
      2.2,
    ),
    {
      what: 'memory peak in a relist',
      value: value('bowline', 'relistPeakBytes'),
      unit: 'bytes',
      other: other('goWatchList', 'relistPeakBytes'),
      ratio: value('bowline', 'relistPeakBytes') / value('goWatchList', 'relistPeakBytes'),
    },
    absolute(`growth of time, ${growthSpan(results)}`, grown('syncMs'), 'exponent', 1.05),
    absolute(`growth of memory, ${growthSpan(results)}`, grown('settledBytes'), 'exponent', 1.05),
    absolute(
      `resident memory with ${formatCount(most)} pods`,
      value('bowline', 'settledBytes', most),
      'bytes',
      650_000_000,
    ),
    absolute(
      `resident memory with ${formatCount(most)} pods, cold ones compressed`,
      value('bowlineCold', 'coldBytes', most),
      'bytes',
      200_000_000,
    ),
    more('no-op reconciles, concurrency 1', 'bowlineQueues', 'goQueues', 'reconciles1PerS', 2, 0),
    more('no-op reconciles, concurrency 10', 'bowlineQueues', 'goQueues', 'reconciles10PerS', 1.5, 0),
    more('no-op reconciles, concurrency 10', 'bowlineQueues', 'rustReconciles', 'reconciles10PerS', undefined, 0),
    more('priority queue, 1,000,000 keys', 'bowlineQueues', 'goQueues', 'priorityQueuePerS', 3, 0),
    more('workqueue, 1,000,000 keys', 'bowlineQueues', 'goQueues', 'workqueuePerS', 1, 0),
    {
      what: 'memory of the process before anything is listed',
      value: value('bowline', 'emptyBytes'),
      unit: 'bytes',
      other: other('goWatchList', 'emptyBytes'),
      ratio: value('bowline', 'emptyBytes') / value('goWatchList', 'emptyBytes'),
    },
    {
      what: 'from the start of the process until it can begin',
      value: value('bowline', 'startMs'),
      unit: 'ms',
      other: other('goWatchList', 'startMs'),
      ratio: value('goWatchList', 'startMs') / value('bowline', 'startMs'),
    },
    absolute(
      'client-go takes less memory up to',
      crossover(memory('bowline'), memory('goWatchList')) ?? Number.NaN,
      'pods',
    ),
    absolute(
      'client-go has done less work after whole reads of each object',
      savedUs / value('bowlineList', 'readsGetP50Us'),
      'reads',
    ),
  ];
}

const growthSpan = (results: Results): string =>
  `${formatCount(results.recording.sizes.small.at(-1) ?? 0)} to ${formatCount(results.sizes.at(-1) ?? 0)} pods`;

/** The longest stops of the event loop while something was done. */
export interface StopsRow {
  readonly what: string;
  readonly worstMs: number;
  /** What our code is answerable for: without collections, and without the time of other programs. */
  readonly ownMs: number;
  readonly collectionMs: number;
}

/** No stop of ours may be longer, in milliseconds. */
export const longestOwnStopMs = 20;

/** The stops of everything that was done in Node. */
export function stopsOf(results: Results): StopsRow[] {
  const nodePeers = (Object.keys(peers) as PeerId[]).filter((peer) => peers[peer].toolchain === 'node');
  return nodePeers.flatMap((peer) =>
    results.sizes.flatMap((pods) =>
      (['sync', 'burst', 'relist', 'cool', 'readsListByPath', 'readsListInSlices'] as const)
        .map((step) => ({
          what: `${peers[peer].name}: ${stepNames[step]}, ${formatCount(pods)} pods`,
          worstMs: results.value(peer, pods, `${step}WorstStopMs`),
          ownMs: results.value(peer, pods, `${step}WorstOwnStopMs`),
          collectionMs: results.value(peer, pods, `${step}WorstCollectionMs`),
        }))
        .filter(({ worstMs }) => !Number.isNaN(worstMs)),
    ),
  );
}

const stepNames = {
  sync: 'sync',
  burst: 'burst',
  relist: 'relist',
  cool: 'compression',
  readsListByPath: 'first list by path index',
  readsListInSlices: 'list by objects with inSlices',
} as const;
