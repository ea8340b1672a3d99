export { BuiltinStrategy } from './builtin-strategy.ts';
export { defaulterOf, validatorOf } from './rules.ts';
export { fieldReaderOf, checkBuiltinField } from './selectable-fields.ts';
export type { GracefulDelete, Strategy, WriteContext } from './strategy.ts';
