import { expect, test } from 'vitest';
import { selectorOf } from './arguments.ts';
import { FieldSelector } from './field-selector.ts';
import { LabelSelector } from './label-selector.ts';

test('selectorOf parses text, and gives back what is a selector already', () => {
  const selector = LabelSelector.parse('app=web');
  expect(selectorOf('try', 'labelSelector', selector, LabelSelector)).toBe(selector);
  expect(selectorOf('try', 'labelSelector', 'app=web', LabelSelector)).toEqual(selector);
  expect(selectorOf('try', 'fieldSelector', 'a=b', FieldSelector).toString()).toBe('a=b');
});

test('selectorOf names the field, the rule, the text, and what is wrong where', () => {
  const attempt = (): unknown => selectorOf('try', 'query.labelSelector', 'a in', LabelSelector);
  expect(attempt).toThrow(RangeError);
  expect(attempt).toThrow(
    `Cannot try: query.labelSelector must be a selector in kubectl's syntax, got "a in"; unable to parse requirement: found '' expected: '(' (at position 4 of "a in")`,
  );
  const cause = expect.objectContaining({ code: 'APIMACHINERY_SELECTOR_INVALID', position: 4 });
  expect(attempt).toThrow(expect.objectContaining({ cause }));
  expect(() => selectorOf('try', 'fieldSelector', 'a', FieldSelector)).toThrow('Cannot try: fieldSelector must be');
});
