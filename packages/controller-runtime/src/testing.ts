export { FakeCluster } from './fake-cluster.ts';
export { type ReconcileOnceOptions, reconcileOnce } from './reconcile-once.ts';
