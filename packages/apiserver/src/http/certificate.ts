import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, identifier, integer, octets, sequence, set, tagged, text, time } from './der.ts';

/** A certificate for TLS, in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  /** Whom clients have to trust to accept it. */
  readonly authority?: string | undefined;
}

const dayMs = 24 * 3600 * 1000;
const ecdsaWithSha256 = identifier('1.2.840.10045.4.3.2');

/**
 * Makes a certificate for these hosts that nobody else has signed. Valid for a year, and since yesterday.
 *
 * @see RFC 5280
 */
export function selfSignedCertificate(hosts: readonly string[], nowMs: number): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(identifier('2.5.4.3'), text('bowline-apiserver'))));
  const content = sequence(
    tagged(0, integer(Buffer.from([2])), true),
    integer(randomBytes(16)),
    sequence(ecdsaWithSha256),
    name,
    sequence(time(nowMs - dayMs), time(nowMs + 365 * dayMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(hosts)), true),
  );
  const certificate = sequence(content, sequence(ecdsaWithSha256), bits(sign('sha256', content, privateKey)));
  const pem = `-----BEGIN CERTIFICATE-----\n${lines(certificate.toString('base64'))}\n-----END CERTIFICATE-----\n`;
  return { certificate: pem, authority: pem, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function extensions(hosts: readonly string[]): Buffer[] {
  const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
    sequence(identifier(id), ...(critical ? [boolean(true)] : []), octets(value));
  return [
    // It is its own authority.
    extension('2.5.29.19', true, sequence(boolean(true))),
    // Signatures in the handshake, and on certificates.
    extension('2.5.29.15', true, bits(Buffer.from([0b1000_0100]), 2)),
    extension('2.5.29.37', false, sequence(identifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...hosts.map(subject))),
  ];
}

/** A host as an alternative name of the subject. */
function subject(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return tagged(7, Buffer.from(host.split('.').map(Number)), false);
    case 6:
      return tagged(7, ipv6Bytes(host), false);
    default:
      return tagged(2, Buffer.from(host), false);
  }
}

function ipv6Bytes(host: string): Buffer {
  // A URL writes the address in its normal form, without dotted decimals.
  const normal = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [head = '', tail] = normal.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function lines(base64: string): string {
  return (base64.match(/.{1,64}/g) ?? []).join('\n');
}
