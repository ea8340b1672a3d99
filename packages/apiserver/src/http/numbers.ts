import { badRequest } from '../errors.ts';

/** Numbers that may not be what they seem are long, or have a large exponent; most documents have none. */
const suspicious = /\d{16}|[eE]\+?\d{3}/;
/** Passes over strings, and captures numbers. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|(-?\d[\d.eE+-]*)/gs;
const [lowest, highest] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * Refuses a document whose integers this server could only keep rounded: the real one keeps all of 64 bits. Beyond those both round.
 *
 * @param text JSON.
 * @throws {Refusal} 400 that names the number.
 */
export function checkNumbers(text: string): void {
  if (!suspicious.test(text)) return;
  for (const [, number] of text.matchAll(tokens)) if (number !== undefined) checkNumber(number);
}

/** @param text A number as it is written. @throws {Refusal} 400 */
export function checkNumber(text: string): void {
  const value = Number(text);
  if (!Number.isFinite(value)) throw badRequest(`json: cannot unmarshal number ${text} into Go value of type float64`);
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(text)) return;
  const exact = BigInt(text);
  if (exact < lowest || exact > highest || String(value) === text) return;
  const [most, nearest] = [Number.MAX_SAFE_INTEGER, String(BigInt(value))];
  throw badRequest(
    `number ${text} cannot be kept: this server keeps integers exactly up to ±${most}, and would make it ${nearest}`,
  );
}
