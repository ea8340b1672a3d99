export { ApiServer } from './api-server.ts';
export type { ApiServerOptions, ApiServerPorts, TokenUser } from './options.ts';
