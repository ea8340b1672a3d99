export { FakeRecorder } from './events/fake-recorder.ts';
export { type FakeAnswer, FakeExchange, FakeTransport } from './fake-transport.ts';
