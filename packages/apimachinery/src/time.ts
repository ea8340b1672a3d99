function iso(action: string, ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) {
    throw new RangeError(`Cannot format ${action}: ms must be in the years 0 to 9999, got ${ms}`);
  }
  return date.toISOString();
}

/**
 * A time as Kubernetes writes it: RFC 3339 in UTC, whole seconds (cut, not rounded).
 *
 * @param ms Milliseconds since the Unix epoch.
 * @throws {RangeError} outside the years 0 to 9999.
 * @see k8s.io/apimachinery meta/v1 `Time`
 */
export function formatTime(ms: number): string {
  return `${iso('time', ms).slice(0, 19)}Z`;
}

/**
 * A time as Leases and Events write it: RFC 3339 in UTC with exactly six digits of a second.
 *
 * @param ms Milliseconds since the Unix epoch, which may have a fraction.
 * @throws {RangeError} outside the years 0 to 9999.
 * @see k8s.io/apimachinery meta/v1 `MicroTime`
 */
export function formatMicroTime(ms: number): string {
  const micros = Math.round(ms * 1000);
  const wholeMs = Math.floor(micros / 1000);
  return `${iso('micro time', wholeMs).slice(0, 23)}${String(micros - wholeMs * 1000).padStart(3, '0')}Z`;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Reads an RFC 3339 time with any number of fractional digits and any offset.
 *
 * @returns Milliseconds since the Unix epoch; digits below the millisecond are kept as its fraction.
 * @throws {TypeError} when `text` is not an RFC 3339 time.
 */
export function parseTime(text: string): number {
  const match = rfc3339.exec(text);
  const seconds = match ? Date.parse(`${match[1]}T${match[2]}${match[4]?.toUpperCase()}`) : Number.NaN;
  if (Number.isNaN(seconds) || !isCalendarDay(match?.[1])) {
    throw new TypeError(`Cannot parse time: text must be an RFC 3339 time, got "${text}"`);
  }
  return match?.[3] === undefined ? seconds : seconds + Number(`0.${match[3]}`) * 1000;
}

/** `Date.parse` turns 30 February into 2 March. */
function isCalendarDay(day: string | undefined): boolean {
  if (day === undefined) return false;
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
