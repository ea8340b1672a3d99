/** Numbers with a check digit. */

const creditCard =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** A card number of a known issuer whose Luhn sum is right; all but digits is passed over. */
export function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  if (!creditCard.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** ISBN of ten digits; spaces and dashes are passed over. */
export function isISBN10(text: string): boolean {
  const digits = bare(text);
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce(
    (total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

/** ISBN of thirteen digits; spaces and dashes are passed over. */
export function isISBN13(text: string): boolean {
  const digits = bare(text);
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

export function isISBN(text: string): boolean {
  return isISBN10(text) || isISBN13(text);
}

/** A number of the social security of the USA, with its separators: eleven characters. */
export function isSSN(text: string): boolean {
  return text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text);
}

function bare(text: string): string {
  return text.replaceAll(/[\t\n\f\r -]+/g, '');
}
