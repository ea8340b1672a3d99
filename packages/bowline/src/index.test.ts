import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as bowline from './index.ts';
import * as testing from './testing.ts';

test('One import: an operator needs nothing but the umbrella', () => {
  expect(bowline).toMatchObject({
    Manager: expect.any(Function),
    defineCrd: expect.any(Function),
    createClient: expect.any(Function),
    startInformer: expect.any(Function),
  });
  expect(testing).toMatchObject({ startEnv: expect.any(Function), ApiServer: expect.any(Function) });
});

test('Light: the main entry loads no API server', () => {
  expect(readFileSync(new URL('index.ts', import.meta.url), 'utf8')).not.toMatch(/@bowline\/(apiserver|envtest)/);
});
