/** Letters and digits that cannot form bad words. @see k8s.io/apimachinery util/rand `SafeEncodeString` */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a pod template: 32-bit FNV-1a over its JSON with sorted keys. Another number than the real controller's, which hashes Go's
 * dump of the structure; nobody may depend on it.
 */
export function templateHash(template: unknown, collisions: number): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${sorted(template)}${collisions === 0 ? '' : collisions}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
