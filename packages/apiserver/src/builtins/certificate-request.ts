import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { pemBlocks } from './pem.ts';

/** A request for a certificate, as far as the server looks into it. @see RFC 2986 */
export interface CertificateRequest {
  /** Organizations of its subject. */
  readonly organizations: readonly string[];
  /** Undefined when its signature is its own. */
  readonly signatureProblem: string | undefined;
}

/** Why something is no request. */
export class CertificateRequestError extends Error {}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

const tags = { bits: 0x03, identifier: 0x06, sequence: 0x30, set: 0x31 } as const;
const organization = '55040a';
/** How the algorithms of signatures are called here, by the content of their object identifiers. */
const algorithms: Readonly<
  Record<string, { readonly hash: string | null; readonly words: string; readonly pss?: true }>
> = {
  '2a8648ce3d0401': { hash: 'sha1', words: 'x509: ECDSA verification failure' },
  '2a8648ce3d040302': { hash: 'sha256', words: 'x509: ECDSA verification failure' },
  '2a8648ce3d040303': { hash: 'sha384', words: 'x509: ECDSA verification failure' },
  '2a8648ce3d040304': { hash: 'sha512', words: 'x509: ECDSA verification failure' },
  '2a864886f70d010105': { hash: 'sha1', words: 'crypto/rsa: verification error' },
  '2a864886f70d01010b': { hash: 'sha256', words: 'crypto/rsa: verification error' },
  '2a864886f70d01010c': { hash: 'sha384', words: 'crypto/rsa: verification error' },
  '2a864886f70d01010d': { hash: 'sha512', words: 'crypto/rsa: verification error' },
  '2a864886f70d01010a': { hash: 'sha256', words: 'crypto/rsa: verification error', pss: true },
  '2b6570': { hash: null, words: 'x509: Ed25519 verification failure' },
};

/** @throws {CertificateRequestError} in the real server's words, where those do not tell of the bytes. */
export function readCertificateRequest(pem: Buffer): CertificateRequest {
  const [block] = pemBlocks(pem.toString('latin1'));
  if (block?.type !== 'CERTIFICATE REQUEST') {
    throw new CertificateRequestError('PEM block type must be CERTIFICATE REQUEST');
  }
  const [request, ...trailing] = elements(block.bytes);
  if (trailing.length > 0) throw new CertificateRequestError('asn1: syntax error: trailing data');
  const [information, algorithm, signature] = children(request);
  const [, subject, key] = children(information);
  const [identifier] = children(algorithm);
  if (subject === undefined || key === undefined || identifier?.tag !== tags.identifier || !isBytes(signature)) {
    throw malformed();
  }
  return {
    organizations: organizationsOf(subject),
    signatureProblem: problemOf(
      identifier.content.toString('hex'),
      information,
      readKey(key),
      signature.content.subarray(1),
    ),
  };
}

/** A string of bits that are whole bytes. */
function isBytes(element: Element | undefined): element is Element {
  return element?.tag === tags.bits && element.content[0] === 0;
}

function malformed(): CertificateRequestError {
  return new CertificateRequestError('asn1: structure error: this is no certificate request');
}

function readKey({ whole }: Element): KeyObject {
  try {
    return createPublicKey({ key: whole, format: 'der', type: 'spki' });
  } catch {
    throw malformed();
  }
}

function problemOf(id: string, signed: Element | undefined, key: KeyObject, signature: Buffer): string | undefined {
  const algorithm = algorithms[id];
  if (algorithm === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  const { hash, words, pss } = algorithm;
  const padding = pss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  try {
    return verify(hash, signed?.whole ?? Buffer.alloc(0), { key, ...padding }, signature) ? undefined : words;
  } catch {
    // The key is of another algorithm than the signature.
    return words;
  }
}

/** A name is a sequence of sets of pairs: what it is, and its text. */
function organizationsOf(name: Element): string[] {
  return children(name)
    .flatMap((set) => children(set, tags.set))
    .flatMap((pair) => {
      const [id, text] = children(pair);
      return id?.content.toString('hex') === organization && text !== undefined ? [text.content.toString()] : [];
    });
}

/** The elements within a sequence, or a set. */
function children(element: Element | undefined, tag: number = tags.sequence): Element[] {
  if (element?.tag !== tag) throw malformed();
  return elements(element.content);
}

/** Reads DER, element by element. @see ITU-T X.690 */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0xff;
    const digits = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + digits;
    if (first === 0x80 || digits > 4 || start > bytes.length)
      throw new CertificateRequestError('asn1: syntax error: data truncated');
    const length = digits === 0 ? first : bytes.readUIntBE(at + 2, digits);
    if (start + length > bytes.length) throw new CertificateRequestError('asn1: syntax error: data truncated');
    found.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return found;
}
