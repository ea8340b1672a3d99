import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotTable } from './slot-table.ts';

/** A table, and the keys that its slots have. */
function setUp() {
  const keys: (string | undefined)[] = [];
  const asked: string[] = [];
  const table = new SlotTable({
    hasKey: (slot, key) => {
      asked.push(key.text);
      return keys[slot] === key.text;
    },
  });
  return { table, keys, asked };
}

const key = fc.oneof(
  fc.nat(40).map((number) => `ns/${number}`),
  fc.string(),
  fc.constantFrom('', 'a', 'a'.repeat(600), 'é', '\u{1f600}'),
);

test('SlotTable finds each key in the slot that was given to it last, as a Map does', () => {
  const step = fc.record({ type: fc.constantFrom('add', 'delete', 'find'), key });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const { table, keys } = setUp();
      const model = new Map<string, number>();
      const free: number[] = [];
      for (const { type, key } of steps) {
        const slot = model.get(key);
        expect(table.find(key)).toBe(slot ?? -1);
        if (type === 'add' && slot === undefined) {
          const given = free.pop() ?? keys.length;
          keys[given] = key;
          table.add(given, key);
          model.set(key, given);
        } else if (type === 'delete' && slot !== undefined) {
          table.delete(slot);
          keys[slot] = undefined;
          free.push(slot);
          model.delete(key);
        }
        expect(table.size).toBe(model.size);
      }
      for (const [key, slot] of model) expect(table.find(key)).toBe(slot);
      table.clear();
      for (const key of model.keys()) expect(table.find(key)).toBe(-1);
      expect(table.size).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test('SlotTable tells keys apart whose hashes are the same, and asks for hardly any other', () => {
  const { table, keys, asked } = setUp();
  // By the birthday paradox some ten pairs of so many share all 32 bits.
  const count = 300_000;
  for (let slot = 0; slot < count; slot++) {
    keys.push(`namespace-${slot % 100}/name-${slot}`);
    table.add(slot, keys[slot] as string);
  }
  for (let slot = 0; slot < count; slot++) if (table.find(keys[slot] as string) !== slot) expect.fail(keys[slot]);
  expect(asked.length).toBeGreaterThan(count);
  expect(asked.length).toBeLessThan(count + 100);
  for (let slot = 0; slot < count; slot += 2) table.delete(slot);
  for (let slot = 0; slot < count; slot++) {
    if (table.find(keys[slot] as string) !== (slot % 2 === 0 ? -1 : slot)) expect.fail(keys[slot]);
  }
});
