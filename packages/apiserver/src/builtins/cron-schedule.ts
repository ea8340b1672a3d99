import { quote } from '../go-format.ts';

/** The places of a schedule: bounds and names of their values. */
const places: readonly { readonly min: number; readonly max: number; readonly names?: readonly string[] }[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['', ...'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')] },
  { min: 0, max: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * Why a text is no schedule; undefined when it is one.
 *
 * @see github.com/robfig/cron v3 `ParseStandard`, by which the real server reads schedules
 */
export function cronProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let text = schedule;
  const zone = /^(?:CRON_)?TZ=(\S*) (.*)$/.exec(schedule);
  if (zone !== null) {
    const [, name = '', rest = ''] = zone;
    const problem = timeZoneProblem(name);
    if (problem !== undefined) return `provided bad location ${name}: ${problem}`;
    text = rest.trim();
  } else if (/^(CRON_)?TZ=/.test(schedule)) {
    return 'invalid schedule format: runtime error: slice bounds out of range';
  }
  if (text.startsWith('@')) return descriptorProblem(text);
  const fields = text.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, field] of fields.entries()) {
    for (const expression of field.split(',').filter((one) => one !== '')) {
      const problem = rangeProblem(expression, places[index] ?? { min: 0, max: 59 });
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function descriptorProblem(text: string): string | undefined {
  if (descriptors.includes(text)) return undefined;
  const every = '@every ';
  if (!text.startsWith(every)) return `unrecognized descriptor: ${text}`;
  const problem = durationProblem(text.slice(every.length));
  return problem === undefined ? undefined : `failed to parse duration ${text}: ${problem}`;
}

/** @see Go `time.ParseDuration` */
function durationProblem(text: string): string | undefined {
  const quoted = quote(text);
  const plain = text.replace(/^[+-]/, '');
  if (plain === '0') return undefined;
  if (/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(plain)) return undefined;
  const rest = plain.replace(/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))*/, '');
  const number = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
  if (number === null) return `time: invalid duration ${quoted}`;
  const [, , unit = ''] = number;
  if (unit === '') return `time: missing unit in duration ${quoted}`;
  return `time: unknown unit ${quote(unit)} in duration ${quoted}`;
}

function rangeProblem(expression: string, place: (typeof places)[number]): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  const [low = '', high, ...rest] = range.split('-');
  const any = low === '*' || low === '?';
  let [start, end] = [place.min, place.max];
  if (!any) {
    const first = valueAtPlace(low, place.names);
    if (typeof first === 'string') return first;
    const last = high === undefined ? first : valueAtPlace(high, place.names);
    if (rest.length > 0) return `too many hyphens: ${expression}`;
    if (typeof last === 'string') return last;
    [start, end] = [first, last];
  }
  let size = 1;
  if (step !== undefined) {
    if (more.length > 0) return `too many slashes: ${expression}`;
    const parsed = valueAtPlace(step);
    if (typeof parsed === 'string') return parsed;
    size = parsed;
    if (high === undefined) end = place.max;
  }
  if (start < place.min) return `beginning of range (${start}) below minimum (${place.min}): ${expression}`;
  if (end > place.max) return `end of range (${end}) above maximum (${place.max}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return size === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

/** @returns the value, or what is wrong with it. */
function valueAtPlace(text: string, names: readonly string[] = []): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0 && text !== '') return named;
  if (!/^[+-]?\d+$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}

/** Why a text names no time zone; undefined when it does. @see Go `time.LoadLocation` */
export function timeZoneProblem(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return undefined;
  const unknown = `unknown time zone ${name}`;
  // What knows zones here takes any case and offsets; a zone database is a folder of files.
  if (/^[+-]/.test(name) || name.includes('..')) return unknown;
  let resolved: string;
  try {
    resolved = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return unknown;
    throw error;
  }
  return resolved.toLowerCase() === name.toLowerCase() && resolved !== name ? unknown : undefined;
}
