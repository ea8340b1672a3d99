import { groupVersion } from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { vectors } from '../data/vectors.ts';
import { parseJson } from './duplicates.ts';
import { canonicalTime } from './go-time.ts';
import { canonicalQuantity } from './quantity.ts';
import { DecodeError, emptyBuiltin, readBuiltin } from './read-json.ts';

const all = vectors();

describe('readBuiltin', () => {
  test.each(all.read)('readBuiltin reads what Go reads: $kind $input', ({ apiVersion, kind, input, json, error }) => {
    const { value, duplicates } = parseJson(input);
    const read = (): ReturnType<typeof readBuiltin> =>
      readBuiltin({ ...groupVersion(apiVersion), kind }, value, { duplicates });
    if (json === undefined) {
      expect(read).toThrow(DecodeError);
      expect(outcome(read)).toEqual({ error });
      return;
    }
    const { object, strictErrors } = read();
    expect(strictErrors.length === 0 ? undefined : `strict decoding error: ${strictErrors.join(', ')}`).toBe(error);
    const { kind: _kind, apiVersion: _apiVersion, ...fields } = object;
    const { kind: _k, apiVersion: _a, ...expected } = json;
    expect(JSON.stringify(fields)).toBe(JSON.stringify(expected));
  });

  test('readBuiltin is idempotent: what it wrote it reads as itself', () => {
    for (const { apiVersion, kind, json } of all.protobuf) {
      const gvk = { ...groupVersion(apiVersion), kind };
      const { object, strictErrors } = readBuiltin(gvk, json);
      expect(strictErrors).toEqual([]);
      expect(readBuiltin(gvk, object).object).toEqual(object);
    }
  });

  test('readBuiltin keeps an empty managedFields, which resets what is tracked', () => {
    const { object } = readBuiltin(
      { group: '', version: 'v1', kind: 'ConfigMap' },
      { metadata: { managedFields: [] } },
    );
    expect(object.metadata).toEqual({ managedFields: [] });
  });

  test('emptyBuiltin writes what must be written of nothing', () => {
    expect(emptyBuiltin({ group: 'apps', version: 'v1', kind: 'Deployment' })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
      status: {},
    });
  });
});

/** What a function gives: its result, or the message of what it throws. */
function outcome(run: () => unknown): unknown {
  try {
    return run() ?? null;
  } catch (error) {
    return error instanceof Error ? { error: error.message } : error;
  }
}

test.each(all.quantities)('canonicalQuantity writes $input as Go does', ({ input, output, error }) => {
  expect(outcome(() => canonicalQuantity(input))).toEqual(error === undefined ? output : { error });
});

test.each(all.times)('canonicalTime writes $input as Go does', ({ input, output, error }) => {
  expect(outcome(() => canonicalTime(input, 'seconds'))).toEqual(output === undefined ? { error } : JSON.parse(output));
});

test.each(all.microTimes)('canonicalTime with six digits writes $input as Go does', ({ input, output, error }) => {
  expect(outcome(() => canonicalTime(input, 'micros'))).toEqual(output === undefined ? { error } : JSON.parse(output));
});

test.each([
  [{ spec: { activeDeadlineSeconds: 'x' } }, 'unrecognized type: int64'],
  [{ spec: { terminationGracePeriodSeconds: 1.5 } }, 'cannot convert float64 to int64'],
  [{ spec: { containers: { a: 1 } } }, 'cannot restore slice from map'],
  [{ metadata: { labels: { a: 5 } } }, 'cannot convert int64 to string'],
  [{ metadata: { creationTimestamp: 5 } }, 'json: cannot unmarshal number into Go value of type string'],
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: { hostNetwork: 'x' } }, 'unrecognized type: bool'],
  [{ spec: { tolerations: ['x'] } }, 'cannot restore struct from: string'],
])('readBuiltin refuses merged objects in the words of the code that reads those: %j', (value, error) => {
  const pod = { group: '', version: 'v1', kind: 'Pod' };
  expect(outcome(() => readBuiltin(pod, value, { from: 'merge' }))).toEqual({ error });
});

test('readBuiltin sorts the unknown fields of merged objects', () => {
  const { strictErrors } = readBuiltin(
    { group: '', version: 'v1', kind: 'ConfigMap' },
    { z: 1, metadata: { b: 1 }, a: 1 },
    { from: 'merge' },
  );
  expect(strictErrors).toEqual(['unknown field "a"', 'unknown field "metadata.b"', 'unknown field "z"']);
});
