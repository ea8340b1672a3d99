import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { buildPackages } from './build-packages.ts';
import { Refusal, readFlags, usageOf } from './flags.ts';
import type { Figure } from './measure.ts';

const flags = {
  runs: { takes: 'N', default: 5, says: 'how often each case runs; they take turns' },
  only: { takes: 'TEXT', default: '', says: 'cases whose file name holds the text' },
  json: { takes: 'FILE', says: 'writes [{ name, value, unit }] there' },
  check: { says: 'exits with 1 when a figure is worse than 1.5 × its target (benchmarks/targets.json)' },
} as const;

const usage = [
  'npm run bench [-- FLAGS]        runs each case of benchmarks/src/cases in a process of its own, and prints medians',
  'npm run bench -- peers [FLAGS]  Bowline beside client-go, controller-runtime, kube-rs and makeInformer (peers --help)',
];

/** A target: `atMost` or `atLeast` a number, or at most `factor` times another figure of the same run. */
interface Target {
  readonly name: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly atMostTimes?: { readonly factor: number; readonly of: string };
}

const folder = new URL('..', import.meta.url).pathname;

/**
 * `npm run bench`: runs cases, and prints a table of medians.
 *
 * @throws {Refusal} when the arguments are wrong, or the packages cannot be built
 */
export async function runCases(args: readonly string[]): Promise<void> {
  const values = readFlags('run benchmarks', flags, args);
  if (!values) return console.log(usageOf(usage, flags));
  const { runs } = values;
  const cases = casesOf(values.only);
  await buildPackages('run benchmarks');
  const samples = new Map<string, { unit: string; values: number[] }>();
  for (let run = 1; run <= runs; run += 1) {
    for (const file of cases) {
      console.error(`run ${run}/${runs}: ${file}`);
      const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', folder + file], {
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
  const figures: Figure[] = [...samples].map(([name, sample]) => ({
    name,
    unit: sample.unit,
    value: median(sample.values),
  }));
  const figureOf = (name: string): number => figures.find((each) => each.name === name)?.value ?? Number.NaN;
  const targets = (JSON.parse(readFileSync(`${folder}targets.json`, 'utf8')) as Target[]).filter(({ name }) =>
    samples.has(name),
  );
  const processor = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `Machine: ${cpus().length} × ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}. Medians of ${runs}, ${new Date().toISOString().slice(0, 10)}.\n`,
  );
  console.log('| what | value | unit | target | |\n| --- | ---: | --- | --- | --- |');
  for (const { name, value, unit } of figures) {
    const target = targets.find((each) => each.name === name);
    const verdict = target && judge(target, figureOf);
    console.log(
      `| ${name} | ${print(value)} | ${unit} | ${verdict?.wanted ?? ''} | ${verdict ? (verdict.factor <= 1 ? 'reached' : `missed by ${print(verdict.factor)} ×`) : ''} |`,
    );
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  if (values.check) {
    for (const target of targets) {
      const { wanted, factor } = judge(target, figureOf);
      if (!(factor <= 1.5)) {
        console.error(`${target.name}: ${print(figureOf(target.name))} is worse than 1.5 × its target (${wanted})`);
        process.exitCode = 1;
      }
    }
  }
}

function casesOf(only: string): string[] {
  const all = globSync('src/cases/*.ts', { cwd: folder }).sort();
  const cases = all.filter((file) => file.includes(only));
  if (cases.length > 0) return cases;
  const names = all.map((file) => file.replace(/^.*\/|\.ts$/g, '')).join(', ');
  throw new Refusal(`Cannot run benchmarks: --only must be part of one of ${names}, got ${JSON.stringify(only)}`);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
const print = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** What a target asks for, and by which factor the figure misses it (1 or less: reached). */
function judge(target: Target, figureOf: (name: string) => number): { wanted: string; factor: number } {
  const value = figureOf(target.name);
  if (target.atLeast !== undefined) return { wanted: `≥ ${print(target.atLeast)}`, factor: target.atLeast / value };
  const limit =
    target.atMost ?? (target.atMostTimes ? target.atMostTimes.factor * figureOf(target.atMostTimes.of) : Number.NaN);
  return {
    wanted: `≤ ${print(limit)}${target.atMostTimes ? ` (${target.atMostTimes.factor} × ${target.atMostTimes.of})` : ''}`,
    factor: value / limit,
  };
}
