import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import type { Figure } from './src/measure.ts';

if (process.argv[2] === 'peers') {
  const { comparePeers } = await import('./peers/src/run.ts');
  await comparePeers(process.argv.slice(3));
  process.exit();
}

// Runs every case of src/cases in a process of its own, `--runs` times interleaved, and prints medians.
// --only TEXT   cases whose file name holds TEXT     --json FILE   writes [{ name, value, unit }]
// --check       exits 1 when a figure is worse than 1.5 × its target (targets.json)
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});

/** A target: `atMost` or `atLeast` a number, or at most `factor` times another figure of the same run. */
interface Target {
  readonly name: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly atMostTimes?: { readonly factor: number; readonly of: string };
}

const here = new URL('.', import.meta.url).pathname;
const runs = Number(values.runs);
if (!(runs >= 1)) throw new RangeError(`Cannot run benchmarks: runs must be 1 or more, got "${values.runs}"`);
const cases = globSync('src/cases/*.ts', { cwd: here })
  .filter((file) => file.includes(values.only))
  .sort();
if (cases.length === 0) throw new Error(`Cannot run benchmarks: no case matches "${values.only}"`);

const samples = new Map<string, { unit: string; values: number[] }>();
for (let run = 1; run <= runs; run += 1) {
  for (const file of cases) {
    console.error(`run ${run}/${runs}: ${file}`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', here + file], {
      maxBuffer: 1 << 26,
      timeout: 900_000,
    });
    for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
      const { name, value, unit } = JSON.parse(line) as Figure;
      const sample = samples.get(name) ?? { unit, values: [] };
      sample.values.push(value);
      samples.set(name, sample);
    }
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
const figures: Figure[] = [...samples].map(([name, sample]) => ({
  name,
  unit: sample.unit,
  value: median(sample.values),
}));
const figureOf = (name: string): number => figures.find((each) => each.name === name)?.value ?? Number.NaN;
const targets = (JSON.parse(readFileSync(`${here}targets.json`, 'utf8')) as Target[]).filter(({ name }) =>
  samples.has(name),
);

const print = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** What a target asks for, and by which factor the figure misses it (1 or less: reached). */
function judge(target: Target): { wanted: string; factor: number } {
  const value = figureOf(target.name);
  if (target.atLeast !== undefined) return { wanted: `≥ ${print(target.atLeast)}`, factor: target.atLeast / value };
  const limit =
    target.atMost ?? (target.atMostTimes ? target.atMostTimes.factor * figureOf(target.atMostTimes.of) : Number.NaN);
  return {
    wanted: `≤ ${print(limit)}${target.atMostTimes ? ` (${target.atMostTimes.factor} × ${target.atMostTimes.of})` : ''}`,
    factor: value / limit,
  };
}

const processor = cpus()[0]?.model ?? 'unknown processor';
console.log(
  `Machine: ${cpus().length} × ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}. Medians of ${runs}, ${new Date().toISOString().slice(0, 10)}.\n`,
);
console.log('| what | value | unit | target | |\n| --- | ---: | --- | --- | --- |');
for (const { name, value, unit } of figures) {
  const target = targets.find((each) => each.name === name);
  const verdict = target && judge(target);
  console.log(
    `| ${name} | ${print(value)} | ${unit} | ${verdict?.wanted ?? ''} | ${verdict ? (verdict.factor <= 1 ? 'reached' : `missed by ${print(verdict.factor)} ×`) : ''} |`,
  );
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
if (values.check) {
  for (const target of targets) {
    const { wanted, factor } = judge(target);
    if (!(factor <= 1.5)) {
      console.error(`${target.name}: ${print(figureOf(target.name))} is worse than 1.5 × its target (${wanted})`);
      process.exitCode = 1;
    }
  }
}
