import { expect, test } from 'vitest';
import { builtinGroups } from '../data/index.ts';
import { pathOf } from './path-element.ts';
import { PathSet } from './path-set.ts';
import { builtinFieldFilter, customFieldFilter } from './reset-fields.ts';

const all = PathSet.of(pathOf('spec', 'a'), pathOf('status', 'b'), pathOf('metadata', 'labels', 'c'));

function texts(set: PathSet | undefined): string[] | undefined {
  return set && [...set.paths()].map((path) => path.map(({ text }) => text.slice(2)).join('.'));
}

test('builtinFieldFilter keeps the status from the main endpoint, and the spec from status', () => {
  expect(texts(builtinFieldFilter('apps', 'deployments', '')?.(all))).toEqual(['metadata.labels.c', 'spec.a']);
  expect(texts(builtinFieldFilter('apps', 'deployments', 'status')?.(all))).toEqual(['status.b']);
  expect(builtinFieldFilter('', 'configmaps', '')).toBeUndefined();
});

test('builtinFieldFilter knows nearly every resource that has a status', () => {
  const without: string[] = [];
  for (const { name, versions } of builtinGroups()) {
    for (const { resources } of versions) {
      for (const { resource, subresources } of resources) {
        const hasStatus = subresources?.some((sub) => sub.name === 'status');
        if (hasStatus && builtinFieldFilter(name, resource, 'status') === undefined)
          without.push(`${name}/${resource}`);
      }
    }
  }
  // Its strategy names a group that does not exist, so that nothing is reset.
  expect(without).toEqual(['networking.k8s.io/servicecidrs']);
});

test('customFieldFilter resets the status only where it is a subresource', () => {
  expect(customFieldFilter(false, '')).toBeUndefined();
  expect(texts(customFieldFilter(true, '')?.(all))).toEqual(['metadata.labels.c', 'spec.a']);
  expect(texts(customFieldFilter(true, 'status')?.(all))).toEqual(['metadata.labels.c', 'status.b']);
});
