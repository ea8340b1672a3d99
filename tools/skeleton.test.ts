import { expect, test } from 'vitest';
import { problemOf, skeleton } from './skeleton.ts';

const template = { version: '1.2.3', type: 'module', repository: { type: 'git' }, devDependencies: { other: '1' } };

test('skeleton gives a package its own name, exports, folder and dependencies', () => {
  const files = skeleton('demo-package', 'Does a thing', template);
  expect(JSON.parse(files['package.json'] ?? '')).toEqual({
    version: '1.2.3',
    type: 'module',
    name: '@bowline/demo-package',
    description: 'Does a thing',
    exports: {
      '.': { '@bowline/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    publishConfig: {
      access: 'public',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    },
    repository: { type: 'git', directory: 'packages/demo-package' },
    dependencies: { '@bowline/apimachinery': 'workspace:*' },
  });
  expect(files['README.md']).toContain('# @bowline/demo-package\n\nDoes a thing.\n');
});

test('problemOf accepts a name and a sentence', () => {
  expect(problemOf('demo-package', 'Does a thing')).toBeUndefined();
});

test.each([
  [undefined, undefined, 'usage: '],
  ['Demo', 'Does a thing', 'name must be lower-case letters, digits and dashes, got "Demo"'],
  ['../x', 'Does a thing', 'name must be'],
  ['demo-', 'Does a thing', 'name must be'],
  ['demo', ' ', 'description must be'],
  ['demo', 'Does a thing.', 'description must be one sentence without a full stop'],
])('problemOf refuses %j %j', (name, description, problem) => {
  expect(problemOf(name, description)).toContain(problem);
});
