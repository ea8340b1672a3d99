import type { RecordedEvent } from './event-recorder.ts';

/** Writes events in the words of one of the two APIs. */
export interface EventWriter {
  /** Takes an event; resolves when it takes the next one. Never rejects for what the server says. */
  write(event: RecordedEvent): Promise<void>;
  /** Writes what is not told yet. */
  flush(): Promise<void>;
  /** Ends all that is under way, and leaves no timer behind. */
  stop(): void;
}
