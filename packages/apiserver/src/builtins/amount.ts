const powers: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: (10n ** 9n) << 10n,
  Mi: (10n ** 9n) << 20n,
  Gi: (10n ** 9n) << 30n,
  Ti: (10n ** 9n) << 40n,
  Pi: (10n ** 9n) << 50n,
  Ei: (10n ** 9n) << 60n,
};

/**
 * How much a quantity is, in billionths, which is as fine as quantities are.
 *
 * @param quantity As `canonicalQuantity` gives it. What is no quantity is 0.
 */
export function amountOf(quantity: unknown): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]?i?|[eE][+-]?\d+)$/.exec(String(quantity ?? '0'));
  if (match === null) return 0n;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  const power = exponent === undefined ? (powers[suffix] ?? 0n) : 10n ** BigInt(Math.max(0, 9 + Number(exponent)));
  const value = (BigInt(`${whole}${fraction}` || '0') * power) / 10n ** BigInt(fraction.length);
  return sign === '-' ? -value : value;
}

/** A quantity as a whole number, rounded up as the real server does. */
export function wholeOf(quantity: unknown): bigint {
  const amount = amountOf(quantity);
  const unit = 10n ** 9n;
  const whole = amount / unit;
  return amount > 0n && amount % unit !== 0n ? whole + 1n : whole;
}
