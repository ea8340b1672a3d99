const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Units of Scala's durations. The last spelling of each may be longer: `sec`, `secs`, `seconds`. */
const longUnits: readonly (readonly string[])[] = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
];

const largestInteger = 2n ** 63n - 1n;

/** `2006-01-02`, a day that exists. @see Go `time.Parse` */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/** RFC 3339, as the server checks it: what follows a second `T` is not looked at. @see kube-openapi strfmt `IsDateTime` */
export function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date)) return false;
  const match = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.exec(time);
  if (match === null) return false;
  const [, hour = '', minute = '', second = ''] = match;
  return hour <= '23' && minute <= '59' && second <= '59';
}

/** `1h30m`, or `22 ns` anywhere in the text. @see kube-openapi strfmt `ParseDuration` */
export function isDuration(text: string): boolean {
  return isGoDuration(text) || isLongDuration(text);
}

function isGoDuration(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return true;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(unsigned)) return false;
  let total = 0;
  for (const [, amount, unit] of unsigned.matchAll(/([\d.]+)([^\d.]+)/g)) {
    total += Number(amount) * (nanoseconds[unit ?? ''] ?? 0);
  }
  return total < 2 ** 63;
}

function isLongDuration(text: string): boolean {
  let found = false;
  for (const [, amount = '', spelled = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    if (BigInt(amount) > largestInteger) return false;
    const unit = spelled.toLowerCase();
    found ||= longUnits.some((spellings) => spellings.includes(unit) || unit.startsWith(spellings.at(-1) ?? ''));
  }
  return found;
}
