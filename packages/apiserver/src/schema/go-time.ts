/** A time that cannot be read; the message is the server's, which is Go's. */
export class GoTimeError extends Error {
  override readonly name = 'GoTimeError';
}

/** 0001-01-01T00:00:00Z. */
const never = -62_135_596_800_000;
const layouts = { seconds: '2006-01-02T15:04:05Z07:00', micros: '2006-01-02T15:04:05.000000Z07:00' } as const;

/**
 * A time as the server writes it: in UTC, with whole seconds or with six digits.
 *
 * @returns undefined for the first moment of year 1, which is Go's time that was never set.
 * @throws {GoTimeError} when `text` is no RFC 3339 time, or has not exactly six digits where `precision` is `micros`.
 * @see k8s.io/apimachinery pkg/apis/meta/v1/time.go and micro_time.go
 */
export function canonicalTime(text: string, precision: 'seconds' | 'micros'): string | undefined {
  const reader = new Reader(text, layouts[precision]);
  const year = reader.digits(4, '2006');
  reader.literal('-');
  const month = reader.digits(2, '01');
  if (month < 1 || month > 12) reader.outOfRange('month');
  reader.literal('-');
  const day = reader.digits(2, '02');
  reader.literal('T');
  const hour = reader.hour();
  if (hour > 23) reader.outOfRange('hour');
  reader.literal(':');
  const minute = reader.digits(2, '04');
  if (minute > 59) reader.outOfRange('minute');
  reader.literal(':');
  const second = reader.digits(2, '05');
  if (second > 59) reader.outOfRange('second');
  const fraction = precision === 'micros' ? reader.sixDigits() : reader.fraction();
  const offsetMinutes = reader.zone();
  reader.end();
  if (day < 1 || day > daysIn(year, month)) reader.outOfRange('day');
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute - offsetMinutes, second);
  if (at.getTime() === never && Number(fraction) === 0) return undefined;
  return format(at, precision === 'micros' ? `.${fraction}` : '');
}

function format(at: Date, fraction: string): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const year = at.getUTCFullYear();
  const date = `${year < 0 ? `-${pad(-year, 4)}` : pad(year, 4)}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  return `${date}T${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}${fraction}Z`;
}

function daysIn(year: number, month: number): number {
  const end = new Date(0);
  end.setUTCFullYear(year, month, 0);
  return end.getUTCDate();
}

/** Reads a time from left to right and says where it stops to be one. */
class Reader {
  readonly #text: string;
  readonly #layout: string;
  #rest: string;

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
    this.#rest = text;
  }

  digits(count: number, element: string): number {
    const head = this.#rest.slice(0, count);
    if (head.length < count || !/^\d+$/.test(head)) this.#fail(element);
    this.#rest = this.#rest.slice(count);
    return Number(head);
  }

  /** One digit will do here, as Go's layout for hours takes it. */
  hour(): number {
    return this.digits(/^\d(?!\d)/.test(this.#rest) ? 1 : 2, '15');
  }

  literal(character: string): void {
    if (this.#rest[0] !== character) this.#fail(character);
    this.#rest = this.#rest.slice(1);
  }

  /** Digits after a point or a comma, which whole seconds drop. */
  fraction(): string {
    const match = /^[.,](\d+)/.exec(this.#rest);
    if (match === null) return '';
    this.#rest = this.#rest.slice(match[0].length);
    return match[1] ?? '';
  }

  sixDigits(): string {
    const match = /^[.,](\d{6})/.exec(this.#rest);
    if (match === null) this.#fail('.000000');
    this.#rest = this.#rest.slice(7);
    return match?.[1] ?? '';
  }

  /** Minutes east of UTC. */
  zone(): number {
    if (this.#rest[0] === 'Z') {
      this.#rest = this.#rest.slice(1);
      return 0;
    }
    const match = /^([+-])(\d\d):(\d\d)/.exec(this.#rest);
    if (match === null) this.#fail('Z07:00');
    this.#rest = this.#rest.slice(6);
    const hours = Number(match?.[2]);
    const minutes = Number(match?.[3]);
    if (hours > 24) this.outOfRange('time zone offset hour');
    if (minutes > 60) this.outOfRange('time zone offset minute');
    return (match?.[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
  }

  end(): void {
    if (this.#rest !== '') throw new GoTimeError(`${this.#prefix()}: extra text: ${quote(this.#rest)}`);
  }

  outOfRange(what: string): never {
    throw new GoTimeError(`parsing time ${quote(this.#text)}: ${what} out of range`);
  }

  #prefix(): string {
    return `parsing time ${quote(this.#text)}`;
  }

  #fail(element: string): never {
    const at = `${this.#prefix()} as ${quote(this.#layout)}`;
    throw new GoTimeError(`${at}: cannot parse ${quote(this.#rest)} as ${quote(element)}`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
