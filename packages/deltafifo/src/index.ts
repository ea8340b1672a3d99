/** Queues between one producer and one consumer of changes: in order, or compressing. */
export { DeltaFIFO } from './delta-fifo.ts';
export { InOrderQueue } from './in-order-queue.ts';
export type { QueueOptions } from './options.ts';
export type { KnownObjects, QueuePorts } from './ports.ts';
