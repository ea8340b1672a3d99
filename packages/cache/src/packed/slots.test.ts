import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('Slots give back what was set last, however far apart slots are, and nothing where there is nothing', () => {
  const slot = fc.oneof(fc.nat(70), fc.nat(5_000));
  const step = fc.record({ slot, slab: fc.nat(3), place: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const slots = new Slots();
      const model = new Map<number, readonly [number, number]>();
      for (const { slot, slab, place } of steps) {
        if (slab === 0) {
          slots.empty(slot);
          model.delete(slot);
        } else {
          slots.set(slot, slab, place);
          model.set(slot, [slab, place]);
        }
        for (const each of [0, 1, 63, 64, slot, slot + 1]) {
          expect(slots.slabOf(each)).toBe(model.get(each)?.[0] ?? 0);
        }
        for (const [each, [, place]] of model) expect(slots.placeOf(each)).toBe(place);
      }
    }),
    { numRuns: 1_000 },
  );
});
