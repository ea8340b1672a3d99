import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Filing, type Values } from './filing.ts';

const value = fc.constantFrom('a', 'b', 'c', 'd');
const values: fc.Arbitrary<Values> = fc.oneof(
  value,
  fc.constant(undefined),
  fc.uniqueArray(value, { minLength: 2, maxLength: 4 }),
);
const step = fc.record({ slot: fc.oneof({ weight: 5, arbitrary: fc.nat(9) }, fc.nat(500)), values });

test('Filing finds exactly what was filed last, whatever one slot and several have been filed under before', () => {
  const history = fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
    const filing = new Filing();
    const model = new Map<number, readonly string[]>();
    for (const { slot, values } of steps) {
      filing.set(slot, values);
      if (values === undefined) model.delete(slot);
      else model.set(slot, typeof values === 'string' ? [values] : values);
      const expected = new Map<string, number[]>();
      for (const [slot, all] of model)
        for (const each of all) expected.set(each, [...(expected.get(each) ?? []), slot]);
      expect([...filing.values()].sort()).toEqual([...expected.keys()].sort());
      for (const each of ['a', 'b', 'c', 'd']) {
        expect(filing.find(each).toSorted()).toEqual((expected.get(each) ?? []).toSorted());
      }
    }
  });
  fc.assert(history, { numRuns: 300 });
});
