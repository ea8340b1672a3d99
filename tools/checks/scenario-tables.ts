/** One line of a table of docs/scenarios: a test of upstream, and where ours is. */
export interface ScenarioRow {
  /** `docs/scenarios/cache.md:12`. */
  readonly where: string;
  readonly upstream: string;
  /** What stands in the second column; several references are separated by `<br>`. */
  readonly ours: readonly string[];
}

/** The tables of a Markdown file whose first two columns are `upstream` and `ours`; what stands in code fences is not read. */
export function rowsOf(file: string, markdown: string): ScenarioRow[] {
  const rows: ScenarioRow[] = [];
  let isFenced = false;
  let isScenarios = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    const cells = isFenced ? undefined : cellsOf(line);
    if (cells === undefined) isScenarios = false;
    else if (cells[0] === 'upstream' && cells[1] === 'ours') isScenarios = true;
    else if (isScenarios && !cells.every((cell) => /^:?-+:?$/.test(cell)))
      rows.push({
        where: `${file}:${index + 1}`,
        upstream: cells[0] ?? '',
        ours: (cells[1] ?? '').split('<br>').map((reference) => reference.trim()),
      });
  }
  return rows;
}

/** The cells of a line of a table; undefined for every other line. */
function cellsOf(line: string): string[] | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith('|')) return undefined;
  return trimmed
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** How tests ended: file → full title → the statuses of all tests that are called so. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Reads vitest's JSON reports, each by the folder that it is about (`packages/cache`). Only that folder's name is taken from the paths in
 * it: a replayed report may have been written elsewhere.
 */
export function outcomesOf(reports: readonly { readonly folder: string; readonly text: string }[]): Outcomes {
  const outcomes = new Map<string, Map<string, string[]>>();
  for (const { folder, text } of reports) {
    for (const { name, assertionResults } of (JSON.parse(text) as VitestReport).testResults) {
      const file = name.slice(name.lastIndexOf(`/${folder}/`) + 1);
      const tests = outcomes.get(file) ?? new Map<string, string[]>();
      outcomes.set(file, tests);
      for (const { ancestorTitles, title, status } of assertionResults) {
        const full = oneLine([...ancestorTitles, title].join(' > '));
        tests.set(full, [...(tests.get(full) ?? []), status]);
      }
    }
  }
  return outcomes;
}

/** What is wrong with a row; undefined when every reference in it holds. `differences` is the text of docs/differences.md. */
export function problemOf(row: ScenarioRow, outcomes: Outcomes, differences: string): string | undefined {
  if (row.upstream === '') return `${row.where}: names no test of upstream`;
  for (const reference of row.ours) {
    const problem = problemOfReference(reference, outcomes, differences);
    if (problem !== undefined) return `${row.where}: ${row.upstream}: ${problem}`;
  }
  return undefined;
}

function problemOfReference(reference: string, outcomes: Outcomes, differences: string): string | undefined {
  const [, anchor] = /^differences: *(.*)$/.exec(reference) ?? [];
  if (anchor !== undefined) {
    const lines = differences.split('\n').filter((line) => anchor !== '' && line.includes(anchor));
    return lines.length === 1
      ? undefined
      : `"${anchor}" stands in ${lines.length} lines of docs/differences.md, not in one`;
  }
  const [, file, title] = /^`([^`]+)` › (.+)$/.exec(reference) ?? [];
  if (file === undefined || title === undefined) return `"${reference}" is no reference to a test or a difference`;
  const tests = outcomes.get(file);
  if (tests === undefined) return `no test of ${file} ran`;
  const statuses = tests.get(oneLine(title));
  if (statuses === undefined) return `${file} has no test "${title}"`;
  const bad = statuses.find((status) => status !== 'passed');
  return bad === undefined ? undefined : `"${title}" of ${file} ended as ${bad}`;
}

/** The names of upstream that a file lists more than once. */
export function repeated(rows: readonly ScenarioRow[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ upstream, where }) => {
    if (seen.has(upstream)) return [`${where}: ${upstream} is listed twice`];
    seen.add(upstream);
    return [];
  });
}

/** Titles of parameterized tests may hold line breaks, which no table can. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
