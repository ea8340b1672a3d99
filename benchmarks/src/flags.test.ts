import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Refusal, readFlags, usageOf } from './flags.ts';

const flags = {
  runs: { takes: 'N', default: 5, says: 'how often' },
  pods: { takes: 'N', says: 'how many' },
  only: { takes: 'TEXT', default: '', says: 'a part of a name' },
  json: { takes: 'FILE', says: 'is written' },
  check: { says: 'compares' },
} as const;
const read = (...args: string[]) => readFlags('run', flags, args);

describe('readFlags', () => {
  test('readFlags gives what was asked for, and the defaults of the others', () => {
    expect(read()).toEqual({ runs: 5, only: '', check: false });
    const file = import.meta.filename;
    expect(read('--runs=2', '--pods', '70', '--only', 'sync', '--json', file, '--check')).toEqual({
      runs: 2,
      pods: 70,
      only: 'sync',
      json: file,
      check: true,
    });
  });

  test('readFlags gives nothing where help is asked for, and refuses what is wrong nevertheless', () => {
    expect([read('--help'), read('-h'), read('--runs', '2', '--help')]).toEqual([undefined, undefined, undefined]);
    expect(() => read('--help', '--run')).toThrow(Refusal);
  });

  test.each([
    [['--rums', '2'], 'a flag must be one of --runs, --pods, --only, --json, --check, --help, got "--rums"'],
    [['-n'], 'a flag must be one of --runs, --pods, --only, --json, --check, --help, got "-n"'],
    [['--toString'], 'a flag must be one of --runs, --pods, --only, --json, --check, --help, got "--toString"'],
    [['peer'], 'a flag must be one of --runs, --pods, --only, --json, --check, --help, got "peer"'],
    [['--check=no'], '--check must stand alone, got "no"'],
    [['--only'], '--only must be a text, got nothing'],
    [['--only='], '--only must be a text, got ""'],
    [['--json'], '--json must be a file in a folder that exists, got nothing'],
    [['--json', '/nowhere/a.json'], '--json must be a file in a folder that exists, got "/nowhere/a.json"'],
    [['--runs'], '--runs must be a whole number of 1 or more, got nothing'],
    [['--runs', '--check'], '--runs must be a whole number of 1 or more, got nothing'],
    ...['0', '-1', '1.5', '1e3', 'x', 'NaN', '', '9999999999999999'].map((value): [string[], string] => [
      [`--runs=${value}`],
      `--runs must be a whole number of 1 or more, got "${value}"`,
    ]),
  ])('readFlags refuses %j, and says flag, rule and value', (args, problem) => {
    expect(() => read(...args)).toThrow(new Refusal(`Cannot run: ${problem}`));
  });
});

test('usageOf has a line for each flag: what it takes, what it does, and what holds without it', () => {
  expect(usageOf(['bench [FLAGS]'], flags).split('\n')).toEqual([
    'bench [FLAGS]',
    '',
    '  --runs N     how often (5 without it)',
    '  --pods N     how many',
    '  --only TEXT  a part of a name',
    '  --json FILE  is written',
    '  --check      compares',
    '  --help       this text',
  ]);
});

describe('npm run bench', () => {
  const bench = (...args: string[]) =>
    promisify(execFile)(process.execPath, [new URL('../run.ts', import.meta.url).pathname, ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
    );

  test.each([
    [['--help'], '--runs N', '-- peers [FLAGS]'],
    [['peers', '--help'], '--pods N', '--from FILE'],
  ])('npm run bench says how %j is used, and ends well', async (args, ...told) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const text of told) expect(stdout).toContain(text);
  });

  test.each([
    [['peer'], 'Cannot run benchmarks: a flag must be one of --runs, --only, --json, --check, --help, got "peer"\n'],
    [
      ['--only', 'nothing such'],
      /^Cannot run benchmarks: --only must be part of one of apiserver, .*, got "nothing such"\n$/,
    ],
    [['peers', '--runs', 'few'], 'Cannot compare peers: --runs must be a whole number of 1 or more, got "few"\n'],
    [
      ['peers', '--only', 'nobody'],
      /^Cannot compare peers: --only must be part of one of bowline, .*, got "nobody"\n$/,
    ],
    [
      ['peers', '--from', '/nowhere'],
      'Cannot compare peers: --from must be a file that --json has written, got "/nowhere"\n',
    ],
    [
      ['peers', '--from', import.meta.filename],
      `Cannot compare peers: --from must be a file that --json has written, got "${import.meta.filename}"\n`,
    ],
  ])('npm run bench ends with one line where %j is wrong', async (args, line) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual(typeof line === 'string' ? line : expect.stringMatching(line));
  });
});
