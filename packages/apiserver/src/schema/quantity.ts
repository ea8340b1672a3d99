/** The words of a quantity's errors, which clients see. @see k8s.io/apimachinery pkg/api/resource/quantity.go */
const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

type Format = 'decimal' | 'exponent' | 'binary';

const decimalSuffixes: readonly (readonly [string, number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const binarySuffixes: readonly (readonly [string, number])[] = [
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
];

const maxInt64 = 2n ** 63n - 1n;
/** Exponents beyond this would only make numbers that no quantity means. */
const maxExponent = 100_000;

/** A quantity that cannot be read; the message is the server's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/**
 * A quantity as the server writes it: `1000m` becomes `1`, `0.5` becomes `500m`, `2048Mi` becomes `2Gi`.
 * What is canonical already stays as it is.
 *
 * @throws {QuantityError} when `text` is no quantity.
 * @see k8s.io/apimachinery pkg/api/resource/quantity.go `ParseQuantity`, for which texts are kept as they are
 */
export function canonicalQuantity(text: string): string {
  if (text === '0') return text;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/.exec(text);
  if (match === null || text === '') throw new QuantityError(wrongFormat);
  const [, sign = '', digits = '', fraction = '', suffix = ''] = match;
  const { base, exponent, format } = interpret(suffix);
  const whole = digits.replace(/^0+/, '') || '0';
  const shifted = whole + fraction;
  if (keepsText(shifted, whole, fraction, exponent, format)) return text;
  const value = scaled(BigInt(shifted), fraction.length, base, exponent, format);
  if (value.unscaled === 0n) return '0';
  const negative = sign === '-' ? '-' : '';
  return negative + write(value, format);
}

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: Format } {
  for (const [name, exponent] of decimalSuffixes) if (name === suffix) return { base: 10, exponent, format: 'decimal' };
  for (const [name, exponent] of binarySuffixes) if (name === suffix) return { base: 2, exponent, format: 'binary' };
  if (!/^[eE][+-]?\d+$/.test(suffix)) throw new QuantityError(wrongSuffix);
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > maxExponent) throw new QuantityError(wrongSuffix);
  return { base: 10, exponent, format: 'exponent' };
}

/** Numbers of few digits that are canonical as they stand keep their text, down to a leading plus sign. */
function keepsText(shifted: string, whole: string, fraction: string, exponent: number, format: Format): boolean {
  if (format === 'binary') {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
    if (fraction !== '' || precision < 0) return false;
    return BigInt(whole) << BigInt(exponent) <= maxInt64 && Number(BigInt(whole) & 7n) !== 0;
  }
  const scale = exponent - fraction.length;
  if (18 - shifted.length < 0 || scale < -9) return false;
  return scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0';
}

/** `unscaled` × 10^`scale`. */
interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** The magnitude, rounded away from zero to nano, binary ones capped at the largest int64. */
function scaled(shifted: bigint, places: number, base: 2 | 10, exponent: number, format: Format): Decimal {
  let unscaled = base === 2 ? shifted << BigInt(exponent) : shifted;
  let scale = (base === 10 ? exponent : 0) - places;
  if (scale < -9) {
    const divisor = 10n ** BigInt(-9 - scale);
    unscaled = unscaled / divisor + (unscaled % divisor === 0n ? 0n : 1n);
    scale = -9;
  }
  if (format === 'binary' && compare(unscaled, scale, maxInt64) > 0) return { unscaled: maxInt64, scale: 0 };
  return { unscaled, scale };
}

function compare(unscaled: bigint, scale: number, limit: bigint): number {
  const a = scale >= 0 ? unscaled * 10n ** BigInt(scale) : unscaled;
  const b = scale >= 0 ? limit : limit * 10n ** BigInt(-scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

function write(value: Decimal, format: Format): string {
  if (format === 'binary' && compare(value.unscaled, value.scale, 1024n) >= 0) {
    const divisor = value.scale < 0 ? 10n ** BigInt(-value.scale) : 1n;
    if (value.unscaled % divisor === 0n) return writeBinary(value.unscaled / divisor);
  }
  return writeDecimal(value, format === 'exponent' ? 'exponent' : 'decimal');
}

function writeBinary(whole: bigint): string {
  let amount = whole;
  let times = 0;
  while (amount >= 1024n && amount % 1024n === 0n && times < 6) {
    amount /= 1024n;
    times++;
  }
  return `${amount}${times === 0 ? '' : binarySuffixes[times - 1]?.[0]}`;
}

function writeDecimal(value: Decimal, format: 'decimal' | 'exponent'): string {
  let { unscaled, scale } = value;
  while (unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale++;
  }
  while (scale % 3 !== 0) {
    unscaled *= 10n;
    scale--;
  }
  if (format === 'exponent') return `${unscaled}${scale === 0 ? '' : `e${scale}`}`;
  // Beyond the largest suffix upstream writes none.
  return `${unscaled}${decimalSuffixes.find(([, exponent]) => exponent === scale)?.[0] ?? ''}`;
}
