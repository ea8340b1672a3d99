import type { Outcomes } from './scenario-tables.ts';

/** The names of the promises of a README: what is bold in the entries of the list under `## Promises`, without a full stop. */
export function promisesOf(readme: string): string[] {
  const names: string[] = [];
  let isPromises = false;
  for (const line of readme.split('\n')) {
    if (line.startsWith('## ')) isPromises = line === '## Promises';
    else if (isPromises && line.startsWith('- '))
      for (const [, name = ''] of line.matchAll(/\*\*(.+?)\.?\*\*/g)) names.push(name);
  }
  return names;
}

/** The full titles of the tests that passed and have the promise, as whole words, in their title; capitals do not count. */
export function keptBy(promise: string, outcomes: Outcomes): string[] {
  const name = new RegExp(`(?<!\\w)${promise.replace(/[^\w\s]/g, '\\$&')}(?!\\w)`, 'i');
  return [...outcomes.values()]
    .flatMap((tests) => [...tests])
    .filter(([title, statuses]) => name.test(title) && statuses.every((status) => status === 'passed'))
    .map(([title]) => title);
}
