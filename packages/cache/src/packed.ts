/** A storage that keeps bytes instead of objects. */
export type { PackedStorageOptions } from './packed/options.ts';
export { type PackedStorage, packedStorage } from './packed/packed-storage.ts';
export type { StorageClock } from './packed/ports.ts';
