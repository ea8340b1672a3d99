import { expect, test } from 'vitest';
import { keyAt } from './item-key.ts';

function keyOf(namespace: string, name: string): string | undefined {
  const bytes = Buffer.from(`--${name}--${namespace}--`);
  const nameEnd = 2 + Buffer.byteLength(name);
  const namespaceStart = nameEnd + 2;
  const namespaceEnd = namespaceStart + Buffer.byteLength(namespace);
  return keyAt(bytes, { nameStart: 2, nameEnd, namespaceStart, namespaceEnd });
}

test.each([
  ['default', 'web', 'default/web'],
  ['', 'web', 'web'],
  ['é', '🎉', 'é/🎉'],
  ['n'.repeat(300), 'a'.repeat(300), `${'n'.repeat(300)}/${'a'.repeat(300)}`],
  ['default', '', undefined],
])('keyAt joins %s and %s', (namespace, name, key) => {
  expect(keyOf(namespace, name)).toBe(key);
});
