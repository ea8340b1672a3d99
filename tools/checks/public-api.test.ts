import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicApi } from './public-api.ts';

let folder = '';
const manifest = {
  name: '@bowline/sample',
  version: '0.0.0',
  exports: {
    '.': { '@bowline/source': './src/index.ts' },
    './*': { '@bowline/source': './src/generated/*.ts' },
    './package.json': './package.json',
  },
};

beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/bowline-api-`);
  mkdirSync(`${folder}/src/generated/apps`, { recursive: true });
  writeFileSync(`${folder}/src/generated/apps/v1.ts`, 'export const b: number = 1;\nexport const a: number = 2;\n');
  writeFileSync(
    `${folder}/src/queue.ts`,
    `class Base { /** Comments do not count. */ size(): number { return 1; } #hidden: number = 2; }
export class Queue extends Base { add(key: string): void { this.size(); key.trim(); } }
export const limit: number = 3;
export function start(): Queue { return new Queue(); }
export const internal: number = 4;
`,
  );
  writeFileSync(`${folder}/src/index.ts`, "export { start, Queue, limit } from './queue.ts';\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('publicApi lists what can be imported, sorted, without bodies and comments, with bases that are not exported', () => {
  expect(publicApi(folder, manifest)).toBe(`// @bowline/sample
export declare class Queue extends Base {
    add(key: string): void;
}
declare class Base {
    size(): number;
}
export declare const limit: number;
export declare function start(): Queue;

// @bowline/sample/apps/v1
a b
`);
});
