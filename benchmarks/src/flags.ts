import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What cannot be done as it was asked for: whoever asked is told in one line, without a stack. */
export class Refusal extends Error {}

/** A flag of a command line. */
export interface Flag {
  /** N: a whole number of 1 or more. FILE: one to be written. @default it stands alone */
  readonly takes?: 'N' | 'TEXT' | 'FILE';
  readonly default?: number | string;
  readonly says: string;
}

type Flags = Readonly<Record<string, Flag>>;

/** What the flags say: a number, a text, or whether it stands there. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends { readonly takes: infer Kind }
    ? (Kind extends 'N' ? number : string) | (F[Name] extends { readonly default: unknown } ? never : undefined)
    : boolean;
};

/**
 * Reads a command line; undefined when it asks for help.
 *
 * @param action What cannot be done when it is wrong.
 * @throws {Refusal} for an unknown flag, a value that a flag does not take, and what is no flag
 */
export function readFlags<const F extends Flags>(
  action: string,
  flags: F,
  args: readonly string[],
): FlagValues<F> | undefined {
  const refuse = (what: string, rule: string, value: string | undefined): never => {
    throw new Refusal(
      `Cannot ${action}: ${what} must ${rule}, got ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
    );
  };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { takes }]) => [
      name,
      { type: takes ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const values: Record<string, number | string | boolean | undefined> = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.takes ? flag.default : false]),
  );
  let isHelpWanted = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const flag = token.kind === 'option' && Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (token.kind === 'option' && token.name === 'help' && token.value === undefined) isHelpWanted = true;
    else if (token.kind === 'positional' || !flag) {
      const known = [...Object.keys(flags), 'help'].map((name) => `--${name}`).join(', ');
      refuse('a flag', `be one of ${known}`, token.kind === 'positional' ? token.value : token.rawName);
    } else {
      // `--runs --check` gives "--runs" no value.
      const value = token.value?.startsWith('-') && !token.inlineValue ? undefined : token.value;
      values[token.name] = valueFor(flag, value, (rule) => refuse(`--${token.name}`, rule, value));
    }
  }
  return isHelpWanted ? undefined : (values as FlagValues<F>);
}

/** What a flag takes, and how that is told. */
const kinds: Readonly<Record<NonNullable<Flag['takes']>, { rule: string; holds(value: string): boolean }>> = {
  N: { rule: 'be a whole number of 1 or more', holds: (value) => /^0*[1-9][0-9]{0,14}$/.test(value) },
  TEXT: { rule: 'be a text', holds: (value) => value !== '' },
  FILE: {
    rule: 'be a file in a folder that exists',
    holds: (value) => value !== '' && existsSync(dirname(resolve(value))),
  },
};

function valueFor({ takes }: Flag, value: string | undefined, refuse: (rule: string) => never): number | string | true {
  if (takes === undefined) return value === undefined || refuse('stand alone');
  const { rule, holds } = kinds[takes];
  if (value === undefined || !holds(value)) return refuse(rule);
  return takes === 'N' ? Number(value) : value;
}

/** How a command is used: its lines, then a line for each flag. */
export function usageOf(lines: readonly string[], flags: Flags): string {
  const rows = [...Object.entries(flags), ['help', { says: 'this text' }] as [string, Flag]].map(
    ([name, { takes, default: byDefault, says }]) => [
      `--${name}${takes ? ` ${takes}` : ''}`,
      byDefault ? `${says} (${byDefault} without it)` : says,
    ],
  );
  const width = Math.max(...rows.map(([flag = '']) => flag.length));
  return [...lines, '', ...rows.map(([flag = '', says]) => `  ${flag.padEnd(width)}  ${says}`)].join('\n');
}
