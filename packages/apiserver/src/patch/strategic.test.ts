import { groupVersion, StatusError } from '@bowline/apimachinery';
import { expect, test } from 'vitest';
import { vectors } from '../data/vectors.ts';
import { applyStrategicMergePatch } from './strategic.ts';

const _pod = { group: '', version: 'v1', kind: 'Pod' };

test.each(vectors().patches)('applyStrategicMergePatch gives what Go gives: $kind $patch', (vector) => {
  const gvk = { ...groupVersion(vector.apiVersion), kind: vector.kind };
  const before = JSON.stringify([vector.original, vector.patch]);
  let outcome: unknown;
  try {
    outcome = { result: applyStrategicMergePatch(gvk, vector.original, vector.patch) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    outcome = { error: error.message };
  }
  expect(outcome).toEqual(vector.result === undefined ? { error: vector.error } : { result: vector.result });
  expect(JSON.stringify([vector.original, vector.patch])).toBe(before);
});
