export { ApiServer, type Listener, type ListenOptions } from './api-server.ts';
export { kubeconfigText, type ServerAccess } from './kubeconfig.ts';
export type { ApiServerOptions, ApiServerPorts, TokenUser } from './options.ts';
