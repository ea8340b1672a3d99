import { type Env, startEnv } from '@bowline/envtest';

/** A server under test. */
export type ServerName = 'embedded' | 'real';

/** Starts a bare server: no controllers, real time, the same in both. */
export function startServer(name: ServerName): Promise<Env> {
  return startEnv({ controlPlane: name === 'embedded' ? 'embedded' : 'binaries', clock: 'real', controllers: false });
}

/** The server that the cases of this process run on, from `BOWLINE_CONTROL_PLANE`. */
export function serverName(): ServerName {
  return process.env.BOWLINE_CONTROL_PLANE === 'binaries' ? 'real' : 'embedded';
}
