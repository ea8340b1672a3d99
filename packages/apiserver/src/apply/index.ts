export { FieldManager } from './field-manager.ts';
export { builtinFieldFilter, customFieldFilter } from './reset-fields.ts';
export { parentManagedFields, type ReplicasPaths, scaleManagedFields } from './scale.ts';
export { keepUnchangedTimes } from './timestamps.ts';
