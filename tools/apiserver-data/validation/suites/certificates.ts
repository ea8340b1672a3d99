import type { Suite } from '../suite.ts';

/** Of keys that nobody has any more. */
const requests = {
  ec: 'MIHfMIGGAgEAMCQxEzARBgNVBAoMCmRldmVsb3BlcnMxDTALBgNVBAMMBGphbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASYgas1dt+y+kuVTApAj93RoP+44kbg5Z9pQoDvB6hdlOOOWu294Pqky7sTJcHVSjt9jkOvRBBKrFM4mrDIZWoxoAAwCgYIKoZIzj0EAwIDSAAwRQIhANTUXC0X7/v6gkzyjeaCCrJwHdY6k00a+7GTkkq6cpsJAiBXFLEDmxfh6KzqB+HowIjdKAA6zl2OX4Fy1UWEiQneKQ==',
  rsa: 'MIICUzCCATsCAQAwDjEMMAoGA1UEAwwDcnNhMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsE2WidIhjCP+B9XqtSgoNKIPcfVxtTxNc04zZjGNwSIijFBb7CCwh4L46MTLAyEUwHR6QUiEDRrvpoGJRKvWpcRqwvXZ1jwhQ//mh3TNrfj2jdUkhNe0w0viWWRYhofjvIv3M+E77avizYO6a6ibK73gLOPO/A11GxPcmQFDv2TQfkLk7E2d9Cy5EPr8/BWlnr57ALbecZSa5MbNiYHbZ3xMcitCaHrH7iDohfmCQuNjRBiP0ub1+ks7jwsHi1VMqPMEAvIiY73icHSB3uTLXAv2CBnXAde4SPupQWHtnzSAB93Is33/uILzseql6jiJQHcgfMJ+3McShd4PDrxllQIDAQABoAAwDQYJKoZIhvcNAQELBQADggEBADmsxO5AKOJpJbDaOTYbkY0Bul8XJwjlM7oU6Ix9d6XyKY3mhmEA4TYiX94zQfYJ7YTZWMHMXR5Ba88YqIGf0dSTDA9an/oPvdlPhRMQeDaGcXa2UXTjc0HZf40xhAuQnisH/c//sUwZjfkklGPwN2bVhjWUIRIIAySoaho+Q2tbC+RXoRYPO8Stx1gnGOoWhuTkMX/K+WyJdztPVr/dsKTBCwZa9umpOVB3x4pF3RQES7dqk+uy7tailaRvsW/uBUK9WMF3bqe15PPwzKf+Fry0QaQRKXlCXRsRfilSc4mtQFnPtma2GgcEkWAqjzAUmS7Khn1DW+ljWwlT10blijs=',
  ed: 'MIGMMEACAQAwDTELMAkGA1UEAwwCZWQwKjAFBgMrZXADIQAXoDl7JjxscZ9WZCniLipOtha182rkgSwOBZ5WYexFW6AAMAUGAytlcANBAKykK5m/BDjqvBxzkk6XaYzc5Kvub24HHpDPo66ArRo5TwEwW5wltNScUIyWZeESLzEH2N8rkoxnmfAXhcC8CQw=',
  masters:
    'MIHjMIGKAgEAMCgxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ0wCwYDVQQDDARyb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmIGrNXbfsvpLlUwKQI/d0aD/uOJG4OWfaUKA7weoXZTjjlrtveD6pMu7EyXB1Uo7fY5Dr0QQSqxTOJqwyGVqMaAAMAoGCCqGSM49BAMCA0gAMEUCIQD2e5AzzBjTkt4j3RB8hvph56fdopX3JPJLZ8nHGFoKJgIgBRLmYI9SVNs0kfCoxWAYyFogPxQZ4ecgHmSAlIbBdlA=',
};
const certificate =
  'MIIBdzCCAR2gAwIBAgIUCsSjzAXJRtqITzFLTfZjhjscSngwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGc2lnbmVkMB4XDTI2MTEyMTE2MjMyNFoXDTM2MTExODE2MjMyNFowETEPMA0GA1UEAwwGc2lnbmVkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmIGrNXbfsvpLlUwKQI/d0aD/uOJG4OWfaUKA7weoXZTjjlrtveD6pMu7EyXB1Uo7fY5Dr0QQSqxTOJqwyGVqMaNTMFEwHQYDVR0OBBYEFEPf1ZHRtTzmSP2855aItDQQfiiiMB8GA1UdIwQYMBaAFEPf1ZHRtTzmSP2855aItDQQfiiiMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgP0s02gKpGdPIF8y0S9YxL74wPUOcBwwoVPmjK0RqexMCIQDk3rIKHdnK5+UXaOQ8oF1GD+VZEjbR/lIA6kxLu7ewbw==';

/** A PEM block in base64, as a field of bytes holds it. */
function pem(type: string, base64: string, headers = ''): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN ${type}-----\n${headers}${lines.join('\n')}\n-----END ${type}-----\n`).toString(
    'base64',
  );
}
const pemRequest = (base64: string): string => pem('CERTIFICATE REQUEST', base64);
/** The same with one byte of the signature changed. */
function forged(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}

const approved = { type: 'Approved', status: 'True', reason: 'A', message: 'b' };
const denied = { type: 'Denied', status: 'True', reason: 'A', message: 'b' };
const failed = { type: 'Failed', status: 'True', reason: 'A', message: 'b' };

export const certificates: readonly Suite[] = [
  {
    kind: 'CertificateSigningRequest',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    base: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'csr' },
      spec: { request: pemRequest(requests.ec), signerName: 'example.com/signer', usages: ['client auth'] },
    },
    create: {
      minimal: {},
      full: { 'spec.expirationSeconds': 3600, 'spec.usages': ['digital signature', 'key encipherment', 'client auth'] },
      'key of RSA': { 'spec.request': pemRequest(requests.rsa) },
      'key of Edwards': { 'spec.request': pemRequest(requests.ed) },
      'who asks is not for the client to say': { 'spec.username': 'x', 'spec.groups': ['y'], 'spec.uid': 'z' },
      'no spec': { spec: null },
      'nothing set': { spec: {} },
      'request that is no PEM': { 'spec.request': 'aGVsbG8=' },
      'request of another type': { 'spec.request': pem('CERTIFICATE', certificate) },
      'forged with an elliptic curve': { 'spec.request': pemRequest(forged(requests.ec)) },
      'forged with RSA': { 'spec.request': pemRequest(forged(requests.rsa)) },
      'forged with Edwards': { 'spec.request': pemRequest(forged(requests.ed)) },
      'text before the request': {
        'spec.request': Buffer.from(`hello\n${Buffer.from(pemRequest(requests.ec), 'base64')}`).toString('base64'),
      },
      'no usages': { 'spec.usages': [] },
      'bad usages': { 'spec.usages': ['client auth', 'client auth', 'fun'] },
      'legacy signer': { 'spec.signerName': 'kubernetes.io/legacy-unknown' },
      'signer without path': { 'spec.signerName': 'example.com' },
      'signer with bad parts': { 'spec.signerName': 'A_.com/B_' },
      'signer with a short domain': { 'spec.signerName': 'example/signer' },
      'short life': { 'spec.expirationSeconds': 599 },
      'client signer': { 'spec.signerName': 'kubernetes.io/kube-apiserver-client' },
      masters: {
        'spec.signerName': 'kubernetes.io/kube-apiserver-client',
        'spec.request': pemRequest(requests.masters),
      },
      'client signer without a request': {
        'spec.signerName': 'kubernetes.io/kube-apiserver-client',
        'spec.request': 'aGVsbG8=',
      },
      'bad name': { 'metadata.name': 'a/b' },
      'upper case name': { 'metadata.name': 'A_' },
    },
    update: {
      'other spec': { to: { 'spec.expirationSeconds': 7200, 'metadata.labels': { a: 'b' } } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      approve: { to: { 'status.conditions': [approved] }, subresource: 'approval' },
      'approve and deny': { to: { 'status.conditions': [approved, denied] }, subresource: 'approval' },
      'approve falsely': { to: { 'status.conditions': [{ ...approved, status: 'False' }] }, subresource: 'approval' },
      'approve twice': { to: { 'status.conditions': [approved, approved] }, subresource: 'approval' },
      'bad conditions': {
        to: {
          'status.conditions': [
            { type: '', status: '' },
            { type: 'Other', status: 'Maybe' },
          ],
        },
        subresource: 'approval',
      },
      'approve by status': { to: { 'status.conditions': [approved] }, subresource: 'status' },
      fail: { to: { 'status.conditions': [failed] }, subresource: 'status' },
      issue: { to: { 'status.certificate': pem('CERTIFICATE', certificate) }, subresource: 'status' },
      'issue nonsense': { to: { 'status.certificate': 'aGVsbG8=' }, subresource: 'status' },
      'issue another type': { to: { 'status.certificate': pemRequest(requests.ec) }, subresource: 'status' },
      'issue with headers': {
        to: { 'status.certificate': pem('CERTIFICATE', certificate, 'a: b\n\n') },
        subresource: 'status',
      },
      'issue by approval': { to: { 'status.certificate': pem('CERTIFICATE', certificate) }, subresource: 'approval' },
    },
  },
];
