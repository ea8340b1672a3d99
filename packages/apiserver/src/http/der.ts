/**
 * The little of ASN.1's distinguished encoding that a certificate takes.
 *
 * @see ITU-T X.690
 */
function encoded(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? (length > 0xffff ? 6 : 4) : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return encoded(0x30, Buffer.concat(elements));
}

export function set(...elements: readonly Uint8Array[]): Buffer {
  return encoded(0x31, Buffer.concat(elements));
}

/** A positive number, given as bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  return encoded(0x02, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

export function boolean(value: boolean): Buffer {
  return encoded(0x01, Buffer.from([value ? 0xff : 0]));
}

export function octets(content: Uint8Array): Buffer {
  return encoded(0x04, content);
}

/** @param unused How many bits at the end do not count. */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return encoded(0x03, Buffer.concat([Buffer.from([unused]), content]));
}

export function text(value: string): Buffer {
  return encoded(0x0c, Buffer.from(value));
}

/** Milliseconds since the Unix epoch; fractions of a second are dropped. */
export function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  // Until 2049 years have two digits.
  const short = Number(digits.slice(0, 4)) < 2050;
  return encoded(short ? 0x17 : 0x18, Buffer.from(short ? digits.slice(2) : digits));
}

/** `1.2.840.10045.4.3.2` */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encoded(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** Something that its place in the structure gives a number. */
export function tagged(number: number, content: Uint8Array, constructed: boolean): Buffer {
  return encoded(0x80 | (constructed ? 0x20 : 0) | number, content);
}
