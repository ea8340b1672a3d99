import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { buildPackages } from '../../src/build-packages.ts';
import { Refusal, readFlags, usageOf } from '../../src/flags.ts';
import { BenchServer } from './bench-server.ts';
import { reportOf } from './markdown.ts';
import { picturesOf } from './pictures.ts';
import { type Measurement, type PeerId, peers, plan, type Sizes } from './plan.ts';
import { type Recording, Results, type Sample } from './results.ts';
import { measureAlone, measureInformer } from './session.ts';
import { limitsSummary, readmeSummary, replaceSummary } from './summary.ts';
import { buildPrograms, type Programs } from './toolchains.ts';

const root = new URL('../../../', import.meta.url).pathname;
const resultsFolder = `${root}benchmarks/results/`;
const peerLimitMs = 180_000;

const say = (line: string): void => console.error(line);

const flags = {
  runs: { takes: 'N', default: 5, says: 'how often each is measured; slow peers less often' },
  only: {
    takes: 'TEXT',
    default: '',
    says: 'those whose name holds the text, in either case; nothing is written then',
  },
  pods: {
    takes: 'N',
    says: 'another number than 50000 for the main comparison; the others follow, and nothing is written',
  },
  json: { takes: 'FILE', says: 'writes all samples there' },
  sources: { says: 'Bowline as its sources are, not as it was last built; nothing is written' },
  from: {
    takes: 'FILE',
    says: 'measures nothing: writes report, pictures and summaries again, of the samples in the file',
  },
  build: { says: 'builds the programs, and ends' },
} as const;

const usage = [
  'npm run bench -- peers [FLAGS]  puts Bowline beside client-go, controller-runtime, kube-rs and makeInformer.',
  '                                Linux; Go and Rust build the peers, once; a whole run takes about 20 minutes, and writes',
  '                                benchmarks/results and the summaries in README.md and docs/performance.md.',
];

/**
 * `npm run bench -- peers`: Bowline and its peers side by side.
 *
 * @throws {Refusal} when the arguments are wrong, or this is not Linux
 */
export async function comparePeers(args: readonly string[]): Promise<void> {
  const values = readFlags('compare peers', flags, args);
  if (!values) return console.log(usageOf(usage, flags));
  if (values.from !== undefined) {
    publish(new Results(recordingIn(values.from)));
    return;
  }
  const { runs, pods: main = 50_000 } = values;
  const sizes = { small: [main / 50, main / 5].map(Math.ceil), main, large: [main * 2, main * 3] };
  const burst = main * 2;
  const wanted = measurementsOf(values.only, sizes, burst);
  if (!existsSync('/proc/self/clear_refs')) {
    throw new Refusal('Cannot compare peers: memory is read from /proc, which only Linux has');
  }
  if (!values.sources) await buildPackages('compare peers');
  const programs = await buildPrograms(say, values.sources ? 'sources' : 'built');
  for (const problem of programs.problems) say(`left out: ${problem}`);
  if (values.build) return;
  const possible = wanted.filter((each) => isPossible(each, programs));
  const startedMs = performance.now();
  const { samples, server } = await measure(possible, programs, sizes, runs);
  const [processor] = cpus();
  const recording: Recording = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: resultsFolder, encoding: 'utf8' }).trim(),
    versions: programs.versions,
    runs,
    sizes,
    burst,
    server,
    problems: programs.problems,
    leftOut: [...new Set(wanted.filter((each) => !possible.includes(each)).map(({ peer }) => peer))],
    samples,
  };
  const results = new Results(recording);
  console.log(reportOf(results));
  if (values.json !== undefined) writeFileSync(values.json, samplesOf(results));
  if (values.only === '' && values.pods === undefined && !values.sources) {
    publish(results);
  }
  say(`${Math.round((performance.now() - startedMs) / 60_000)} minutes`);
}

function measurementsOf(only: string, sizes: Sizes, burst: number): Measurement[] {
  const nameOf = (peer: PeerId): string => `${peer} ${peers[peer].name}`.toLowerCase();
  const wanted = plan(sizes, burst).filter(({ peer }) => nameOf(peer).includes(only.toLowerCase()));
  if (wanted.length > 0) return wanted;
  const names = Object.keys(peers).join(', ');
  throw new Refusal(`Cannot compare peers: --only must be part of one of ${names}, got ${JSON.stringify(only)}`);
}

function recordingIn(file: string): Recording {
  try {
    const recording: Recording = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(recording?.samples)) return recording;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof Error && 'code' in error)) throw error;
  }
  throw new Refusal(`Cannot compare peers: --from must be a file that --json has written, got ${JSON.stringify(file)}`);
}

const samplesOf = ({ recording }: Results): string => `${JSON.stringify(recording)}\n`;

/** Writes what a whole run has found: the report, the samples, the pictures, and the summaries in README and docs. */
function publish(results: Results): void {
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(`${resultsFolder}${results.recording.date}-peers.md`, reportOf(results));
  writeFileSync(`${resultsFolder}peers.generated.json`, samplesOf(results));
  for (const [file, svg] of Object.entries(picturesOf(results))) writeFileSync(resultsFolder + file, svg);
  const summaries = { 'README.md': readmeSummary(results), 'docs/performance.md': limitsSummary(results) };
  for (const [file, summary] of Object.entries(summaries)) {
    writeFileSync(root + file, replaceSummary(readFileSync(root + file, 'utf8'), summary));
  }
}

/** The server is a Go program. */
const isPossible = ({ peer, pods }: Measurement, { available }: Programs): boolean =>
  available.has(peers[peer].toolchain) && (pods === 0 || available.has('go'));

async function measure(
  measurements: readonly Measurement[],
  programs: Programs,
  { small, main, large }: Sizes,
  runs: number,
): Promise<Pick<Recording, 'samples' | 'server'>> {
  const samples: Sample[] = [];
  const served = [...small, main, ...large].filter((pods) => measurements.some((each) => each.pods === pods));
  const needsCustom = measurements.some(({ peer }) => peers[peer].name.includes('custom'));
  if (served.length > 0) say(`encoding ${Math.max(...served).toLocaleString('en-US')} pods`);
  await using server =
    served.length > 0
      ? await BenchServer.start(programs.file('go', 'server'), served, needsCustom ? main : 0)
      : undefined;
  const failed = new Set<string>();
  for (let run = 1; run <= runs; run++) {
    for (const measurement of measurements) {
      const { peer, pods, mostRuns = runs } = measurement;
      const name = `${peers[peer].name}${pods === 0 ? '' : `, ${pods.toLocaleString('en-US')} objects`}`;
      // What could not do it once is not waited for again.
      if (run > mostRuns || failed.has(name)) continue;
      say(`run ${run}/${runs}: ${name}`);
      const sample = await measureOnce(measurement, programs, server).then(
        (figures) => ({ peer, pods, run, figures }),
        (error: Error) => ({ peer, pods, run, figures: {}, failure: error.message }),
      );
      samples.push(sample);
      if ('failure' in sample) {
        failed.add(name);
        say(`  failed: ${sample.failure}`);
      }
    }
  }
  const announced = server?.announcement;
  return {
    samples,
    server: {
      jsonBytesPerPod: announced?.jsonBytesPerPod ?? 0,
      protobufBytesPerPod: announced?.protobufBytesPerPod ?? 0,
      storedBytesPerPod: announced?.storedBytesPerPod ?? 0,
    },
  };
}

function measureOnce({ peer, pods, steps }: Measurement, programs: Programs, server: BenchServer | undefined) {
  const who: (typeof peers)[PeerId] = peers[peer];
  if (server === undefined || pods === 0) return measureAlone(who.command(programs, '', 0), peerLimitMs);
  return measureInformer(server, pods, who.command(programs, server.url(pods), pods), steps, peerLimitMs);
}
