export { FieldManager } from './field-manager.ts';
export type { ApiObject, ApplyOptions, FieldManagerOptions, FieldManagerPorts } from './field-manager.ts';
export { readManagers, writeManagers } from './managers.ts';
export { builtinFieldFilter, customFieldFilter } from './reset-fields.ts';
export { parentManagedFields, type ReplicasPaths, scaleManagedFields } from './scale.ts';
export { keepUnchangedTimes } from './timestamps.ts';
export type { FieldFilter } from './updater.ts';
