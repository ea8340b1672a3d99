export { type FakeAnswer, FakeExchange, FakeTransport } from './fake-transport.ts';
