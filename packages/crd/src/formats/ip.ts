/** How Go reads addresses. Sloppy: as Go before 1.17, with leading zeros, which the API server still accepts for some formats. */

/** @see k8s.io/utils/net `ParseIPSloppy`, and that it has a dot: `::ffff:1.2.3.4` counts */
export function isIPv4(text: string): boolean {
  return isIP(text, true) && text.includes('.');
}

/** @see Go `net.ParseIP`, and that it has a colon */
export function isIPv6(text: string): boolean {
  return isIP(text, false) && text.includes(':');
}

/** @see k8s.io/utils/net `ParseCIDRSloppy` */
export function isCIDR(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (!isIP(address, true) || !/^\d+$/.test(bits)) return false;
  return Number(bits) <= (firstSeparator(address) === '.' ? 32 : 128);
}

/** @see Go `net.ParseIP`: no zone */
export function isIP(text: string, sloppy: boolean): boolean {
  switch (firstSeparator(text)) {
    case '.':
      return isDotted(text, sloppy);
    case ':':
      return isColoned(text, sloppy);
    default:
      return false;
  }
}

/** @see Go `net.ParseMAC`: 6, 8 or 20 bytes, in pairs with `:` or `-`, in fours with `.`, or bare */
export function isMAC(text: string): boolean {
  const pairs = /^[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2})*$/i.test(text) ? (text.length + 1) / 3 : 0;
  const fours = /^[\da-f]{4}(?:\.[\da-f]{4})+$/i.test(text) ? (2 * (text.length + 1)) / 5 : 0;
  const bare = /^[\da-f]+$/i.test(text) ? text.length / 2 : 0;
  return [6, 8, 20].some((bytes) => bytes === pairs || bytes === fours || bytes === bare);
}

function firstSeparator(text: string): string | undefined {
  return /[.:]/.exec(text)?.[0];
}

function isDotted(text: string, sloppy: boolean): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => isOctet(part, sloppy));
}

function isOctet(part: string, sloppy: boolean): boolean {
  return /^\d+$/.test(part) && Number(part) <= 255 && (sloppy || part.length === 1 || !part.startsWith('0'));
}

function isColoned(text: string, sloppy: boolean): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  let size = all.length;
  const last = all.at(-1);
  if (last?.includes('.')) {
    if (!text.endsWith(last) || !isDotted(last, sloppy)) return false;
    all.pop();
    size += 1;
  }
  if (!all.every((group) => isGroup(group, sloppy))) return false;
  return halves.length === 2 ? size < 8 : size === 8;
}

function isGroup(group: string, sloppy: boolean): boolean {
  return /^[\da-f]+$/i.test(group) && (sloppy ? Number.parseInt(group, 16) <= 0xffff : group.length <= 4);
}
