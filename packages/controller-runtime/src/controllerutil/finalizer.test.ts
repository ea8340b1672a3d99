import { expect, test } from 'vitest';
import type { ObjectDraft } from './draft.ts';
import { addFinalizer, containsFinalizer, removeFinalizer } from './finalizer.ts';
import { Finalizers } from './finalizers.ts';

const draft = (finalizers?: string[], deletionTimestamp?: string): ObjectDraft => ({
  metadata: { name: 'a', finalizers, deletionTimestamp },
});
const deleting = (finalizers: string[]): ObjectDraft => draft(finalizers, '2026-01-01T00:00:00Z');

test('addFinalizer adds a finalizer once and says whether it did', () => {
  const object = draft();
  expect(addFinalizer(object, 'x')).toBe(true);
  expect(addFinalizer(object, 'x')).toBe(false);
  expect(addFinalizer(object, 'y')).toBe(true);
  expect(object.metadata.finalizers).toEqual(['x', 'y']);
  expect(containsFinalizer(object, 'y')).toBe(true);
});

test('removeFinalizer removes all copies of a finalizer and says whether there was one', () => {
  const object = draft(['x', 'y', 'x']);
  expect(removeFinalizer(object, 'x')).toBe(true);
  expect(removeFinalizer(object, 'x')).toBe(false);
  expect(object.metadata.finalizers).toEqual(['y']);
  expect(removeFinalizer(draft(), 'x')).toBe(false);
});

test('Finalizers adds what is missing to an object that lives', async () => {
  const finalizers = new Finalizers().register('a', () => {}).register('b', () => {});
  const object = draft(['b', 'foreign']);
  expect(await finalizers.finalize(object)).toEqual({ updated: true, statusUpdated: false });
  expect(object.metadata.finalizers).toEqual(['b', 'foreign', 'a']);
  expect(await finalizers.finalize(object)).toEqual({ updated: false, statusUpdated: false });
});

test('Finalizers runs what is there when the object is being deleted, and removes what succeeded', async () => {
  const ran: string[] = [];
  const finalizers = new Finalizers()
    .register('a', () => void ran.push('a'))
    .register('b', async () => {
      ran.push('b');
      return { statusUpdated: true };
    })
    .register('absent', () => void ran.push('absent'));
  const object = deleting(['a', 'b', 'foreign']);
  expect(await finalizers.finalize(object)).toEqual({ updated: true, statusUpdated: true });
  expect(ran).toEqual(['a', 'b']);
  expect(object.metadata.finalizers).toEqual(['foreign']);
});

test('Finalizers keeps the finalizer whose function failed, and reports it after all have run', async () => {
  const boom = new Error('boom');
  const finalizers = new Finalizers().register('bad', () => Promise.reject(boom)).register('good', () => {});
  const object = deleting(['bad', 'good']);
  const result = await finalizers.finalize(object);
  expect(result).toMatchObject({ updated: true, error: { code: 'CONTROLLER_RUNTIME_FINALIZER_FAILED' } });
  expect(result.error?.message).toBe('Finalizers failed: "bad": boom');
  expect(result.error?.cause).toMatchObject({ errors: [boom] });
  expect(object.metadata.finalizers).toEqual(['bad']);
});

test('Finalizers refuses a name twice', () => {
  expect(() => new Finalizers().register('a', () => {}).register('a', () => {})).toThrow(TypeError);
  expect(() => new Finalizers().register('', () => {})).toThrow(RangeError);
});
