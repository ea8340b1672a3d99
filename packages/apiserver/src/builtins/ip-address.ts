import { isIPv6 } from 'node:net';

/** An address as the real server sees it: an IPv4 address written as IPv6 is an IPv4 address. */
export interface IpAddress {
  readonly family: 'IPv4' | 'IPv6';
  /** 4 or 16 of them. */
  readonly bytes: readonly number[];
}

/** A network: an address whose bits beyond the prefix are 0. */
export interface IpNetwork {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Reads an address, leading zeros in IPv4 allowed. @see k8s.io/utils net `ParseIPSloppy` */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bytes = parseIpv4(text);
    return bytes === undefined ? undefined : { family: 'IPv4', bytes };
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = parseIpv6(text);
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? { family: 'IPv4', bytes: bytes.slice(12) } : { family: 'IPv6', bytes };
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d+$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail === null ? undefined : parseIpv4(tail[2] ?? '');
  const plain = tail === null || v4 === undefined ? text : `${tail[1]}${hexPair(v4, 0)}:${hexPair(v4, 2)}`;
  const [left = '', right] = plain.split('::');
  const head = groups(left);
  const rest = right === undefined ? [] : groups(right);
  return [...head, ...new Array<number>(8 - head.length - rest.length).fill(0), ...rest].flatMap((group) => [
    group >> 8,
    group & 255,
  ]);
}

function hexPair(bytes: readonly number[], from: number): string {
  return (((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0)).toString(16);
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** Reads a network and checks nothing of the bits beyond the prefix. @see k8s.io/utils net `ParseCIDRSloppy` */
export function parseCidr(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const [host, length] = [text.slice(0, slash), text.slice(slash + 1)];
  const address = parseIp(host);
  const max = host.includes(':') ? 128 : 32;
  if (address === undefined || !/^\d{1,3}$/.test(length) || Number(length) > max) return undefined;
  const mapped = host.includes(':') && address.family === 'IPv4';
  const prefixLength = mapped ? Math.max(0, Number(length) - 96) : Number(length);
  return { address: { ...address, bytes: masked(address.bytes, prefixLength) }, prefixLength };
}

function masked(bytes: readonly number[], prefixLength: number): number[] {
  return bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff00 >> bits) & 0xff;
  });
}

/** The address as it is usually written. @see RFC 5952 */
export function formatIp({ family, bytes }: IpAddress): string {
  if (family === 'IPv4') return bytes.join('.');
  const parts: string[] = [];
  for (let index = 0; index < 16; index += 2) parts.push(hexPair(bytes, index));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && parts[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return parts.join(':');
  return `${parts.slice(0, best.start).join(':')}::${parts.slice(best.start + best.length).join(':')}`;
}

/** Whether a network holds an address. */
export function networkHolds({ address, prefixLength }: IpNetwork, { family, bytes }: IpAddress): boolean {
  return address.family === family && masked(bytes, prefixLength).every((byte, index) => byte === address.bytes[index]);
}

export function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((byte) => byte === 0);
}

export function isLoopback({ family, bytes }: IpAddress): boolean {
  if (family === 'IPv4') return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

export function isLinkLocalUnicast({ family, bytes: [first = 0, second = 0] }: IpAddress): boolean {
  return family === 'IPv4' ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80;
}

export function isLinkLocalMulticast({ family, bytes: [first = 0, second = 0, third = 0] }: IpAddress): boolean {
  return family === 'IPv4' ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02;
}
