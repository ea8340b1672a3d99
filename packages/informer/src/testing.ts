/** What the tests of handlers need: a server in memory, and a handler that records. */
export { FakeItemServer, type FakeItemServerOptions, type FakeRequest } from '@bowline/listwatch/testing';
export { RecordingHandler } from './recording-handler.ts';
