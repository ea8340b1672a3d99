export { FakeClock } from './fake-clock.ts';
export { type EncodedItemOptions, encodedItem, FakeEncoding } from './fake-encoding.ts';
export { type RecordedLine, RecordingLogger } from './recording-logger.ts';
export { RecordingMetrics } from './recording-metrics.ts';
export { fixedRandom, seededRandom } from './seeded-random.ts';
