export { BuiltinStrategy } from './builtin-strategy.ts';
export { defaulterOf, validatorOf } from './rules.ts';
export { checkBuiltinField, fieldReaderOf } from './selectable-fields.ts';
export type { Strategy, WriteContext } from './strategy.ts';
