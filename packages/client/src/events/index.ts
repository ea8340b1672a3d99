export {
  type CloseOptions,
  EventBroadcaster,
  type EventBroadcasterOptions,
  type EventSubscription,
} from './event-broadcaster.ts';
export type { EventDetails, EventRecorder, EventType, RecordedEvent, RecorderOptions } from './event-recorder.ts';
export { eventFieldSelector } from './field-selector.ts';
export type { EventObject, Regarding } from './object-reference.ts';
export type { CorrelatorOptions, EventApi, EventSink, RecordingOptions } from './options.ts';
