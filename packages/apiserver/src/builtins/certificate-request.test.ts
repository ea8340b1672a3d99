import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringAt } from '../object.ts';
import { CertificateRequestError, readCertificateRequest } from './certificate-request.ts';
import { recordedSuites } from './golden.fixture.ts';
import { pemBlocks } from './pem.ts';

const [suite] = recordedSuites('certificates');
const good = Buffer.from(stringAt(suite?.base, 'spec', 'request'), 'base64');

test('readCertificateRequest tells who asks, and that the signature is theirs', () => {
  expect(readCertificateRequest(good)).toEqual({ organizations: ['developers'], signatureProblem: undefined });
});

test('readCertificateRequest ends on bytes of any kind, with a request or a CertificateRequestError', () => {
  const [block] = pemBlocks(good.toString('latin1'));
  const der = block?.bytes ?? Buffer.alloc(0);
  const edit = fc.record({ at: fc.nat(der.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 4 }), fc.nat(der.length), (edits, length) => {
      const bytes = Buffer.from(der);
      for (const { at, byte } of edits) bytes[at] = byte;
      const text = bytes.subarray(0, edits.length === 4 ? length : bytes.length).toString('base64');
      const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`;
      try {
        const { signatureProblem } = readCertificateRequest(Buffer.from(pem));
        if (!bytes.equals(der)) expect(signatureProblem).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(CertificateRequestError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('pemBlocks reads what is a block, and passes over the rest in time that grows with the text alone', () => {
  const text =
    'x\n-----BEGIN A-----\na: b\n\naGk=\n-----END A-----\n-----BEGIN B-----\naGk=\n-----END C-----\n-----BEGIN D-----\n-----END D-----';
  expect(pemBlocks(text).map(({ type, hasHeaders, bytes }) => [type, hasHeaders, bytes.toString()])).toEqual([
    ['A', true, 'hi'],
    ['D', false, ''],
  ]);
  expect(pemBlocks('-----BEGIN A-----\n'.repeat(100_000))).toEqual([]);
});
