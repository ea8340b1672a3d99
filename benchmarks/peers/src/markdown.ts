import { type PeerId, peers } from './plan.ts';
import type { Results } from './results.ts';
import { longestOwnStopMs, type Row, reaches, rowsOf, stopsOf, type Unit } from './rows.ts';

/** A number as people read it: three digits at least, not more than matter. */
function digits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

/** A figure with its unit; bytes in MB and kB (10^6, 10^3). */
export function print(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–';
  switch (unit) {
    case 'bytes':
      return value >= 1e6 ? `${digits(value / 1e6)} MB` : `${digits(value / 1e3)} kB`;
    case '×':
      return `${digits(value)} ×`;
    case 'exponent':
      return value.toFixed(2);
    default:
      return `${digits(value)} ${unit}`;
  }
}

const cells = (...values: readonly string[]): string => `| ${values.join(' | ')} |`;

function rowCells(row: Row): string {
  const { what, value, unit, other, ratio, reach } = row;
  const unitOfReach = ratio === undefined ? unit : '×';
  const wanted =
    reach === undefined
      ? ''
      : 'atLeast' in reach
        ? `≥ ${print(reach.atLeast, unitOfReach)}`
        : `≤ ${print(reach.atMost, unitOfReach)}`;
  const isReached = reaches(row);
  return cells(
    what,
    print(value, unit),
    other === undefined ? '' : `${other.name}: ${print(other.value, unit)}`,
    ratio === undefined ? '' : print(ratio, '×'),
    wanted,
    isReached === undefined ? '' : isReached ? 'reached' : '**missed**',
  );
}

function measuredCells(results: Results, peer: PeerId, pods: number): string {
  const { name } = peers[peer];
  if (results.runs(peer, pods) === 0) {
    return cells(name, '0', `failed: ${results.failure(peer, pods) ?? ''}`, ...Array(6).fill(''));
  }
  const value = (figure: string, unit: Unit): string => print(results.value(peer, pods, figure), unit);
  return cells(
    name,
    String(results.runs(peer, pods)),
    value('syncMs', 'ms'),
    value('syncProcessorMs', 'ms'),
    value('settledBytes', 'bytes'),
    value('syncPeakBytes', 'bytes'),
    value('heapBytes', 'bytes'),
    value('burstPerS', '/s'),
    value('burstProcessorUs', 'µs'),
  );
}

/** The whole report. */
export function reportOf(results: Results): string {
  const { recording } = results;
  const lines = [
    `# Bowline and its peers, ${recording.date}, commit ${recording.commit}`,
    '',
    `\`npm run bench -- peers --runs ${recording.runs}\` on ${recording.machine}. ${recording.versions.join('; ')}.`,
    `Medians of ${recording.runs} runs, or of as many as the column "runs" says; everybody takes turns. A pod has ${recording.server.jsonBytesPerPod.toLocaleString('en-US')} bytes as JSON,`,
    `${recording.server.protobufBytesPerPod.toLocaleString('en-US')} as protobuf, ${recording.server.storedBytesPerPod.toLocaleString('en-US')} of them without managedFields, and environment and annotations that no other pod has.`,
    'Memory is that of the process and its children after two forced collections (`runtime.GC`, `gc`; Rust has none). What runtimes keep for a while',
    'is given back by `debug.FreeOSMemory` in Go, and by a last-resort collection in Node.',
    '',
    ...recording.problems.map((problem) => `Left out: ${problem}.`),
    ...(recording.leftOut.length > 0
      ? [`Not measured therefore: ${recording.leftOut.map((peer) => peers[peer].name).join('; ')}.`, '']
      : []),
    cells('what', 'Bowline', 'peer', 'ratio', 'to reach', ''),
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...rowsOf(results).map(rowCells),
    '',
    '## Stops of the event loop',
    '',
    `Nothing of ours may stop it for more than ${longestOwnStopMs} ms; a collection is V8's, and so is a machine on which others had the
processor: the second column is our own work in a turn of the loop.`,
    '',
    cells('what', 'worst stop', 'of our own work', 'worst collection', ''),
    '| --- | ---: | ---: | ---: | --- |',
    ...stopsOf(results).map(({ what, worstMs, ownMs, collectionMs }) =>
      cells(
        what,
        print(worstMs, 'ms'),
        print(ownMs, 'ms'),
        print(collectionMs, 'ms'),
        what.startsWith('Bowline') ? (ownMs <= longestOwnStopMs ? 'reached' : '**missed**') : '',
      ),
    ),
    '',
    '## Everything measured',
  ];
  for (const pods of results.sizes) {
    lines.push(
      '',
      `### ${pods.toLocaleString('en-US')} objects`,
      '',
      cells('who', 'runs', 'sync', 'processor', 'resident', 'peak', 'heap', 'burst', 'processor for an event'),
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...results.peersAt(pods).map((peer) => measuredCells(results, peer, pods)),
    );
  }
  return `${lines.join('\n')}\n`;
}
