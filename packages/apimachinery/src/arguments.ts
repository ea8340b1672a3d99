/**
 * What the packages check their arguments with, so that every public function refuses what it cannot use at the call, in the same words:
 * `Cannot <action>: <field> must be <rule>, got <value>`.
 *
 * @module
 */

export { checkOptions, checkValue } from './check-options.ts';
export { selectorOf } from './check-selector.ts';
export { describeValue, nearestName } from './check-words.ts';
export {
  anyOf,
  listOf,
  type OptionRules,
  oneOf,
  optionsOf,
  recordOf,
  required,
  rules,
  type ValueRule,
  valueRule,
  withMethods,
} from './value-rules.ts';
