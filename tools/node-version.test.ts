import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from './checks/report.ts';

test('pnpm judges engines by the Node that the workspace brings', () => {
  const { devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const [, nodeVersion] = /^nodeVersion: (\S+)$/m.exec(readFileSync(`${root}pnpm-workspace.yaml`, 'utf8')) ?? [];
  expect(nodeVersion).toBe(devDependencies.node);
});
