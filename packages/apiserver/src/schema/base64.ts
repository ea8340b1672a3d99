const alphabet = /[A-Za-z0-9+/]/;

/**
 * Reads standard base64 as Go does: line breaks are skipped, padding is required.
 *
 * @returns the same bytes in canonical form, or where the text stops to be base64.
 * @see Go encoding/base64 `decodeQuantum`
 */
export function readBase64(text: string): { readonly base64: string } | { readonly illegalAt: number } {
  if (/^(?:[A-Za-z0-9+/]{4})*$/.test(text)) return { base64: text };
  let inQuantum = 0;
  let digits = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\n' || character === '\r') continue;
    if (alphabet.test(character)) {
      digits += character;
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (character !== '=' || inQuantum < 2) return { illegalAt: at };
    return padded(text, at, inQuantum, digits);
  }
  return inQuantum === 0 ? { base64: digits } : { illegalAt: text.length - inQuantum };
}

/** The rest after the first `=`: one more where two digits stand before it, then nothing. */
function padded(
  text: string,
  first: number,
  inQuantum: number,
  digits: string,
): { readonly base64: string } | { readonly illegalAt: number } {
  let at = skipBreaks(text, first + 1);
  if (inQuantum === 2) {
    if (at === text.length) return { illegalAt: text.length };
    if (text[at] !== '=') return { illegalAt: at - 1 };
    at = skipBreaks(text, at + 1);
  }
  if (at < text.length) return { illegalAt: at };
  return { base64: Buffer.from(digits, 'base64').toString('base64') };
}

function skipBreaks(text: string, from: number): number {
  let at = from;
  while (text[at] === '\n' || text[at] === '\r') at++;
  return at;
}
