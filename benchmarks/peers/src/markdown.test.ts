import { describe, expect, test } from 'vitest';
import { print, reportOf } from './markdown.ts';
import { picturesOf } from './pictures.ts';
import type { PeerId } from './plan.ts';
import { type Recording, Results, type Sample } from './results.ts';
import { reaches, rowsOf, stopsOf } from './rows.ts';
import { limitsSummary, readmeSummary, replaceSummary } from './summary.ts';

const sizes = { small: [1_000, 10_000], main: 50_000, large: [100_000, 150_000] };

function recording(samples: readonly Sample[], given: Partial<Recording> = {}): Recording {
  return {
    date: '2026-11-21',
    machine: '2 × processor',
    commit: 'abc1234',
    versions: ['Node 24'],
    runs: 3,
    sizes,
    burst: 100_000,
    server: { jsonBytesPerPod: 6_000, protobufBytesPerPod: 3_500, storedBytesPerPod: 2_600 },
    problems: [],
    leftOut: [],
    samples,
    ...given,
  };
}
const sample = (peer: PeerId, run: number, figures: Sample['figures'], pods = 50_000): Sample => ({
  peer,
  pods,
  run,
  figures,
});

describe('rowsOf', () => {
  const results = new Results(
    recording([
      ...[600, 700, 9_000].map((syncMs, index) => sample('bowline', index + 1, { syncMs, settledBytes: 200e6 })),
      sample('goList', 1, { syncMs: 2_800 }),
      sample('goWatchList', 1, { syncMs: 3_000, settledBytes: 500e6 }),
    ]),
  );
  const rows = rowsOf(results);

  test('rowsOf compares medians with the named peer', () => {
    const row = rows.find(({ other }) => other?.name.includes('list'));
    expect(row).toMatchObject({ value: 700, ratio: 4, reach: { atLeast: 3.5 } });
    expect(row && reaches(row)).toBe(true);
  });

  test('rowsOf marks what is missed', () => {
    const row = rows.find(({ what, reach }) => what.startsWith('resident') && reach !== undefined);
    expect(row).toMatchObject({ ratio: 0.4, reach: { atMost: 0.3 } });
    expect(row && reaches(row)).toBe(false);
  });

  test('rowsOf says neither reached nor missed of what was not measured', () => {
    const row = rows.find(({ what }) => what.startsWith('priority queue'));
    expect(row?.ratio).toBeNaN();
    expect(row && reaches(row)).toBeUndefined();
  });
});

describe('stopsOf', () => {
  test('stopsOf keeps stops by collections in a column of their own', () => {
    const figures = { syncWorstStopMs: 50, syncWorstOwnStopMs: 12, syncWorstCollectionMs: 40 };
    expect(stopsOf(new Results(recording([sample('bowline', 1, figures)])))).toEqual([
      { what: 'Bowline: sync, 50,000 pods', worstMs: 50, ownMs: 12, collectionMs: 40 },
    ]);
  });
});

describe('reportOf', () => {
  test('reportOf names what was left out, and why', () => {
    const problems = ['"cargo" is missing: install Rust'];
    const report = reportOf(new Results(recording([], { problems, leftOut: ['rust'] })));
    expect(report).toContain('Left out: "cargo" is missing: install Rust.');
    expect(report).toContain('Not measured therefore: kube-rs, typed.');
  });

  test('reportOf shows a failure where the figures would be', () => {
    const failed: Sample = { ...sample('makeInformer', 1, {}, 150_000), failure: 'ERR_STRING_TOO_LONG' };
    expect(reportOf(new Results(recording([failed])))).toContain('failed: ERR_STRING_TOO_LONG');
  });

  test('reportOf counts the runs behind each median', () => {
    const samples = [sample('goDynamic', 1, { syncMs: 10 }), sample('goDynamic', 2, { syncMs: 20 })];
    expect(reportOf(new Results(recording(samples)))).toContain('client-go dynamic, custom resource | 2 | 10 ms');
  });
});

describe('print', () => {
  test.each([
    [123_456_789, 'bytes', '123 MB'],
    [2_605, 'bytes', '2.6 kB'],
    [0.2876, '×', '0.288 ×'],
    [21_795.4, '/s', '21,795 /s'],
    [1.0456, 'exponent', '1.05'],
    [Number.NaN, 'ms', '–'],
  ] as const)('print says %d %s as people do', (value, unit, text) => {
    expect(print(value, unit)).toBe(text);
  });
});

describe('picturesOf', () => {
  test('picturesOf draws whom it has figures of', () => {
    const samples = [10_000, 50_000].map((pods) =>
      sample('bowline', 1, { syncMs: pods / 100, settledBytes: 1e8 }, pods),
    );
    const pictures = picturesOf(new Results(recording(samples)));
    expect(Object.keys(pictures)).toEqual(['peers-time.svg', 'peers-memory.svg']);
    expect(pictures['peers-time.svg']).toContain('Bowline');
    expect(pictures['peers-time.svg']).not.toContain('kube-rs');
  });
});

describe('summaries', () => {
  const results = new Results(
    recording([
      sample('bowline', 1, {
        syncMs: 700,
        settledBytes: 300e6,
        emptyBytes: 60e6,
        syncWorstStopMs: 90,
        syncWorstOwnStopMs: 45,
      }),
      sample('goWatchList', 1, { syncMs: 3_000, settledBytes: 900e6, emptyBytes: 25e6 }),
    ]),
  );

  test('readmeSummary has the figures of everybody who was measured, and the pictures', () => {
    const summary = readmeSummary(results);
    expect(summary).toContain('| until all are there | 700 ms | 3,000 ms | – | – |');
    expect(summary).toContain('peers-time.svg');
    expect(summary).toContain('2026-11-21-peers.md');
  });

  test('limitsSummary names what is missed, and what small caches cost', () => {
    const summary = limitsSummary(results);
    expect(summary).toContain("An empty process takes 60 MB, client-go's 25 MB");
    expect(summary).toContain('wanted is at most 0.3 ×');
    expect(summary).toContain('longer than 20 ms: Bowline: sync, 50,000 pods, 45 ms.');
  });

  test('replaceSummary replaces what is between the marks, again and again', () => {
    const marks = ['<!-- peers: written by npm run bench -- peers -->', '<!-- /peers -->'] as const;
    const once = replaceSummary(`before\n${marks[0]}\n${marks[1]}\nafter`, 'new\n');
    expect(once).toBe(`before\n${marks[0]}\nnew\n${marks[1]}\nafter`);
    expect(replaceSummary(once, 'newer\n')).toBe(`before\n${marks[0]}\nnewer\n${marks[1]}\nafter`);
    expect(() => replaceSummary('nothing', 'new')).toThrow('Cannot write the summary');
  });
});
