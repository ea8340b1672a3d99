/**
 * What the packages check their arguments with, so that every public function refuses what it cannot use at the call, in the same words:
 * `Cannot <action>: <field> must be <rule>, got <value>`. A wrong type or an unknown option name is a `TypeError`, a value of the right
 * type that is out of range a `RangeError`. A check costs a look at each option: make it once per call, never per object.
 *
 * @module
 */

export { checkArgument, checkOptions } from './argument-checks.ts';
export {
  abortSignal,
  anyOf,
  anything,
  arrayOf,
  boolean,
  callable,
  finite,
  instance,
  integer,
  nonEmptyArrayOf,
  nonEmptyString,
  nonNegative,
  nonNegativeInteger,
  number,
  object,
  oneOf,
  optionsOf,
  positive,
  positiveInteger,
  type Rule,
  type Rules,
  recordOf,
  required,
  string,
} from './argument-rules.ts';
export { advice, printed } from './argument-words.ts';
