import { print } from './markdown.ts';
import type { PeerId } from './plan.ts';
import type { Results } from './results.ts';
import { longestOwnStopMs, type Row, reaches, rowsOf, stopsOf, type Unit } from './rows.ts';

const start = '<!-- peers: written by npm run bench -- peers -->';
const end = '<!-- /peers -->';

/** The document with another text between its marks. @throws when it has no marks. */
export function replaceSummary(document: string, summary: string): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`Cannot write the summary: the document has no "${start}" before "${end}"`);
  return `${document.slice(0, from + start.length)}\n${summary}${document.slice(to)}`;
}

/** Name, what is measured with built-in objects, with custom ones, and after a burst. */
const columns = [
  ['Bowline', 'bowline', 'bowlineCustom'],
  ['client-go (Go)', 'goWatchList', 'goDynamic'],
  ['kube-rs (Rust)', 'rust', 'rustDynamic'],
  ['makeInformer', 'makeInformer', undefined],
] as const satisfies readonly (readonly [string, PeerId, PeerId | undefined])[];

/** For the README: two pictures and a small table. */
export function readmeSummary(results: Results): string {
  const { main } = results.recording.sizes;
  const cells = (what: string, figure: string, unit: Unit, custom = false): string => {
    const values = columns.map(([, peer, customPeer]) => {
      const measured = custom ? customPeer : peer;
      return measured === undefined ? '–' : print(results.value(measured, main, figure), unit);
    });
    return `| ${what} | ${values.join(' | ')} |`;
  };
  const count = main.toLocaleString('en-US');
  return `
![Seconds until an informer has all pods, against their number](benchmarks/results/peers-time.svg)
![Memory of the process that holds them, against their number](benchmarks/results/peers-memory.svg)

| ${count} pods | ${columns.map(([name]) => name).join(' | ')} |
| --- | ${columns.map(() => '---:').join(' | ')} |
${cells('until all are there', 'syncMs', 'ms')}
${cells('memory of the process', 'settledBytes', 'bytes')}
${cells('events a second', 'burstPerS', '/s')}
${cells('until all are there, as a custom resource', 'syncMs', 'ms', true)}
${cells('events a second, custom resource', 'burstPerS', '/s', true)}

${results.recording.machine}, ${results.recording.date}, commit ${results.recording.commit}, medians; handlers read nothing, client-go takes protobuf and WatchList for pods.
[Everything that was measured](benchmarks/results/${results.recording.date}-peers.md).

`;
}

/** For docs/performance.md: what is out of reach, and from where on it pays. */
export function limitsSummary(results: Results): string {
  const missed = rowsOf(results).filter((row) => reaches(row) === false);
  const stops = stopsOf(results).filter(
    ({ what, ownMs }) => what.startsWith('Bowline') && !(ownMs <= longestOwnStopMs),
  );
  const row = (what: string): Row | undefined => rowsOf(results).find((each) => each.what.startsWith(what));
  const figure = (what: string): string => {
    const found = row(what);
    return found === undefined ? '–' : print(found.value, found.unit);
  };
  const process = row('memory of the process before');
  const peer = process?.other === undefined ? '–' : print(process.other.value, process.unit);
  const reads = row('client-go has done less work')?.value ?? Number.NaN;
  const lines = [
    `- An empty process takes ${figure('memory of the process before')}, client-go's ${peer}: up to ${figure('client-go takes less memory')} client-go takes less.`,
    reads > 0
      ? `- Reading all of an object costs ${figure('get of one pod, all of it decoded, p50')} each time; client-go has paid for that at the start. After ${print(reads, 'reads')} of each object it has done less work in all.`
      : '- Whoever reads whole objects pays each time; client-go has paid for that at the start.',
    ...missed.map((each) => `- Missed: ${each.what}: ${judgedText(each)}; wanted is ${wantedText(each)}.`),
    ...(stops.length === 0
      ? []
      : [
          `- Missed: our own work stopped the event loop for longer than ${longestOwnStopMs} ms: ${stops.map(({ what, ownMs }) => `${what}, ${print(ownMs, 'ms')}`).join('; ')}.`,
        ]),
  ];
  return `
${lines.join('\n')}

`;
}

function judgedText({ value, unit, other, ratio }: Row): string {
  if (ratio === undefined || other === undefined) return print(value, unit);
  return `${print(ratio, '×')} ${unit === 'bytes' ? 'the memory of' : 'as fast as'} ${other.name}`;
}

function wantedText({ reach, ratio, unit }: Row): string {
  if (reach === undefined) return '';
  const judged = ratio === undefined ? unit : '×';
  return 'atLeast' in reach ? `at least ${print(reach.atLeast, judged)}` : `at most ${print(reach.atMost, judged)}`;
}
