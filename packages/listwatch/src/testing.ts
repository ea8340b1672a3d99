export { FakeItemServer, type FakeItemServerOptions, type FakeRequest } from './fake-item-server.ts';
export { type FakeList, FakeListerWatcher } from './fake-lister-watcher.ts';
export { FakeWatch } from './fake-watch.ts';
export { itemOf } from './item-of.ts';
export { MemorySink } from './memory-sink.ts';
