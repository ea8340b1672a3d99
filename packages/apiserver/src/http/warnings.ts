/** The most that all warnings may have, in characters; then each is cut. @see k8s.io/apiserver endpoints/filters/warning.go */
const totalLimit = 4096;
const cutLimit = 256;

/** The `Warning` headers of an answer, each text once. */
export function warningHeaders(warnings: readonly string[]): string[] {
  const texts = [...new Set(warnings)].map(singleLine).filter((text) => text !== '');
  const total = texts.reduce((sum, text) => sum + [...text].length, 0);
  const limit = total > totalLimit ? cutLimit : totalLimit;
  const headers: string[] = [];
  let used = 0;
  for (const text of texts) {
    const cut = [...text].slice(0, limit).join('');
    used += [...cut].length;
    if (used > totalLimit) break;
    headers.push(`299 - "${cut.replace(/[\\"]/g, '\\$&')}"`);
  }
  return headers;
}

/** Headers hold one line of printable characters. */
function singleLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
