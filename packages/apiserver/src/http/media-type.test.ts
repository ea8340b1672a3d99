import { expect, test } from 'vitest';
import { Refusal } from '../errors.ts';
import { bodyFormat, negotiate, wantsPretty } from './media-type.ts';

const transforms = { transforms: true };

test.each([
  [undefined, 'json', undefined],
  ['*/*', 'json', undefined],
  ['application/yaml', 'yaml', undefined],
  ['application/vnd.kubernetes.protobuf,application/json', 'json', undefined],
  ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json', 'Table v1'],
  ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'json', 'PartialObjectMetadata v1'],
  ['text/html,application/json;q=0.9', 'json', undefined],
])('negotiate answers Accept %s with %s', (accept, format, transform) => {
  const found = negotiate(accept, transforms);
  expect(found.format).toBe(format);
  expect(found.transform && `${found.transform.kind} ${found.transform.version}`).toBe(transform);
});

test.each([
  'text/html',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v2;g=meta.k8s.io',
  'application/json;as=Nothing;v=v1;g=meta.k8s.io',
])('negotiate refuses Accept %s', (accept) => {
  expect(() => negotiate(accept, transforms)).toThrow(Refusal);
});

test('bodyFormat knows JSON, YAML and protobuf, and takes JSON when nothing is said', () => {
  expect(
    [undefined, 'application/json; charset=utf-8', 'application/yaml', 'application/vnd.kubernetes.protobuf'].map(
      bodyFormat,
    ),
  ).toEqual(['json', 'json', 'yaml', 'protobuf']);
  expect(() => bodyFormat('text/plain')).toThrow(Refusal);
});

test('wantsPretty follows the query, else the client', () => {
  const query = (text: string): URLSearchParams => new URLSearchParams(text);
  expect([
    wantsPretty(query('pretty=true'), undefined),
    wantsPretty(query('pretty=false'), 'curl/8'),
    wantsPretty(query(''), 'curl/8'),
    wantsPretty(query(''), 'kubectl'),
  ]).toEqual([true, false, true, false]);
});
