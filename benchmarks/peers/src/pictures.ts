import { type Chart, drawChart } from './chart.ts';
import type { PeerId } from './plan.ts';
import type { Results } from './results.ts';
import type { Point } from './statistics.ts';

const shown: readonly (readonly [PeerId, string])[] = [
  ['bowline', 'Bowline'],
  ['goWatchList', 'client-go (Go), protobuf'],
  ['rust', 'kube-rs (Rust)'],
  ['makeInformer', 'makeInformer (client-node)'],
];

/** The pictures of the README by file name: time and memory against the number of pods. */
export function picturesOf(results: Results): Readonly<Record<string, string>> {
  const from = results.recording.sizes.small.at(-1) ?? 0;
  const chart = (title: string, yLabel: string, figure: string, unit: number): string => {
    const series = shown.map(([peer, name]) => ({
      name,
      points: results.curve(peer, figure, from).map(([x, y]): Point => [x, y / unit]),
      isOurs: peer === 'bowline',
    }));
    return drawChart({ title, xLabel: 'pods', yLabel, series } satisfies Chart);
  };
  return {
    'peers-time.svg': chart('Seconds until an informer has all pods', 's', 'syncMs', 1_000),
    'peers-memory.svg': chart('Memory of the process that holds them', 'MB', 'settledBytes', 1e6),
  };
}
