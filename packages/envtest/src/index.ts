/**
 * Gives a test a Kubernetes control plane: embedded, real binaries, or an existing cluster.
 *
 * @module
 */
export type { ApiserverProcess } from './apiserver-process.ts';
export { type Assets, findAssets } from './assets.ts';
export { type Env, startEnv } from './env.ts';
export { EnvError, type EnvErrorCode } from './errors.ts';
export type { ControlPlaneKind, CrdSource, EnvOptions, Operator, OperatorFactory } from './options.ts';
export { type RealControlPlane, type RealControlPlaneOptions, startRealControlPlane } from './real-control-plane.ts';
export type { SettleOptions } from './time.ts';
