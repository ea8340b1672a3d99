/**
 * A control plane for tests, and the API server that runs inside the test process.
 *
 * @module
 */
export { ApiServer, type ApiServerOptions } from '@bowline/apiserver';
export { type Env, type EnvOptions, startEnv } from '@bowline/envtest';
