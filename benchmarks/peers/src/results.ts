import { type PeerId, peers } from './plan.ts';
import type { Figures } from './session.ts';
import { median, type Point } from './statistics.ts';

/** What one run of one program found, or why it found nothing. */
export interface Sample {
  readonly peer: PeerId;
  readonly pods: number;
  readonly run: number;
  readonly figures: Figures;
  readonly failure?: string | undefined;
}

/** What a run of the whole comparison says of itself, and all samples: enough to make tables and pictures of. */
export interface Recording {
  readonly date: string;
  readonly machine: string;
  readonly commit: string;
  readonly versions: readonly string[];
  readonly runs: number;
  readonly sizes: { readonly small: readonly number[]; readonly main: number; readonly large: readonly number[] };
  readonly burst: number;
  readonly server: {
    readonly jsonBytesPerPod: number;
    readonly protobufBytesPerPod: number;
    readonly storedBytesPerPod: number;
  };
  /** One line for each toolchain that was missing. */
  readonly problems: readonly string[];
  readonly leftOut: readonly PeerId[];
  readonly samples: readonly Sample[];
}

/** Medians over the runs of a recording. */
export class Results {
  readonly recording: Recording;

  constructor(recording: Recording) {
    this.recording = recording;
  }

  /** Every number of pods, from few to many. */
  get sizes(): number[] {
    const { small, main, large } = this.recording.sizes;
    return [...small, main, ...large];
  }

  /** NaN when it was not measured. */
  value(peer: PeerId, pods: number, figure: string): number {
    const samples = this.#samplesOf(peer, pods).map(({ figures }) => figures[figure]);
    return median(samples.filter((each) => each !== undefined));
  }

  /** How many runs have succeeded. */
  runs(peer: PeerId, pods: number): number {
    return this.#samplesOf(peer, pods).filter(({ failure }) => failure === undefined).length;
  }

  /** Why it has no figures, of the last run that failed. */
  failure(peer: PeerId, pods: number): string | undefined {
    return this.#samplesOf(peer, pods).findLast(({ failure }) => failure !== undefined)?.failure;
  }

  /** A figure against the number of pods, where it was measured. */
  curve(peer: PeerId, figure: string, from = 0): Point[] {
    return this.sizes
      .filter((pods) => pods >= from)
      .map((pods): Point => [pods, this.value(peer, pods, figure)])
      .filter(([, value]) => !Number.isNaN(value));
  }

  /** Peers that were measured with so many pods, in order. */
  peersAt(pods: number): PeerId[] {
    return (Object.keys(peers) as PeerId[]).filter((peer) => this.#samplesOf(peer, pods).length > 0);
  }

  #samplesOf(peer: PeerId, pods: number): Sample[] {
    return this.recording.samples.filter((each) => each.peer === peer && each.pods === pods);
  }
}
