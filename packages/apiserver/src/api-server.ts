import {
  BowlineError,
  type HttpRequest,
  type HttpResponse,
  silentLogger,
  systemClock,
  systemRandom,
} from '@bowline/apimachinery';
import {
  anyOf,
  checkOptions,
  type OptionRules,
  oneOf,
  optionsOf,
  required,
  rules,
  valueRule,
} from '@bowline/apimachinery/arguments';
import { type Assembly, type AssemblyPorts, assemble } from './assembly.ts';
import type { User } from './call.ts';
import { type RunningControllers, startControllers } from './controllers/index.ts';
import { serverPorts } from './controllers/server-ports.ts';
import { type ServerCertificate, selfSignedCertificate } from './http/certificate.ts';
import { checkedRequest } from './http/in-process.ts';
import type { NetworkListener } from './http/listener.ts';
import { type ApiServerOptions, type ApiServerPorts, checkPorts, resolveOptions, type Settings } from './options.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number | undefined;
  /** @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** A certificate with its key, in PEM; `'self-signed'` makes one for the host. @default plain HTTP */
  readonly tls?: { readonly certificate: string; readonly key: string } | 'self-signed' | undefined;
}

/** A server that listens. */
export interface Listener {
  /** `https://127.0.0.1:6443` */
  readonly url: string;
  /** Whom clients have to trust, in PEM; undefined unless the certificate is self-signed. */
  readonly authority: string | undefined;
  close(): Promise<void>;
}

const listenRules: OptionRules<ListenOptions> = {
  port: valueRule(
    'a whole number from 0 to 65535',
    (value): value is number => typeof value === 'number',
    (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
  ),
  host: rules.nonEmptyString,
  tls: anyOf(
    oneOf('self-signed'),
    optionsOf<Exclude<ListenOptions['tls'], string | undefined>>({
      certificate: required(rules.secret),
      key: required(rules.secret),
    }),
  ),
};

/** What to do about the errors of Node that are the caller's to solve. */
const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken: stop who has it, or take another; 0 takes a free one',
  EACCES: 'this user may not take the port: take one above 1023',
  ENOTFOUND: 'the host is unknown: take an address of this machine, such as 127.0.0.1 or 0.0.0.0',
  EADDRNOTAVAIL: 'the host is not an address of this machine: take one, such as 127.0.0.1 or 0.0.0.0',
};

function listenFailed(error: unknown, host: string, port: number): BowlineError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const why = listenAdvice[code] ?? message;
  return new BowlineError(`Cannot listen on ${host}:${port}: ${why}`, {
    code: 'APISERVER_LISTEN_FAILED',
    cause: error,
  });
}

const controllerManager: User = {
  name: 'system:kube-controller-manager',
  uid: '',
  groups: ['system:masters', 'system:authenticated'],
};

interface Running {
  readonly assembly: Assembly;
  readonly controllers: RunningControllers;
  readonly listeners: Set<NetworkListener>;
}

/**
 * A Kubernetes API server in memory, with the semantics of kube-apiserver 1.35 and, if wanted, the few controllers without which a cluster
 * does not feel like one.
 *
 * All its state lives and dies with it. It does nothing of its own accord: given a fake clock and a seeded random source, the same requests
 * give the same answers, byte by byte. It authenticates at most, and authorises everybody to do everything.
 *
 * @example
 * ```ts
 * import { ApiServer } from '@bowline/apiserver';
 *
 * const server = new ApiServer();
 * await server.start();
 * const { status } = await server.handle({ method: 'GET', path: '/api/v1/namespaces', headers: {} });
 * await server.close();
 * ```
 */
export class ApiServer {
  readonly #ports: Omit<AssemblyPorts, 'address'>;
  readonly #settings: Settings;
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new';
  #running: Running | undefined;
  #address = '127.0.0.1:6443';

  /** @throws {TypeError | RangeError} for unknown names, and for values that make no sense. */
  constructor(ports: ApiServerPorts = {}, options: ApiServerOptions = {}) {
    checkPorts(ports);
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = ports;
    this.#ports = { clock, random, logger };
    this.#settings = resolveOptions(options);
  }

  /**
   * Creates what every server has, and starts the controllers.
   *
   * @throws {BowlineError} `APISERVER_ALREADY_STARTED`
   */
  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new BowlineError('The server was started before; make a new one', { code: 'APISERVER_ALREADY_STARTED' });
    }
    this.#state = 'starting';
    const assembly = assemble({ ...this.#ports, address: () => this.#address }, this.#settings);
    const { services, registry, handler } = assembly;
    const controllers = startControllers(
      serverPorts({
        clock: services.clock,
        random: services.random,
        logger: services.logger,
        store: services.store,
        catalog: () => registry.catalog(),
        endpoint: services.endpoint,
        handle: (request) => handler.handle(request, controllerManager),
      }),
      this.#settings.controllers,
    );
    this.#running = { assembly, controllers, listeners: new Set() };
    this.#state = 'running';
  }

  /** Ends watches, controllers and listeners. Harmless when nothing runs. */
  async close(): Promise<void> {
    const running = this.#running;
    this.#state = 'closed';
    this.#running = undefined;
    if (running === undefined) return;
    await running.controllers.stop();
    running.assembly.endWatches();
    await Promise.all([...running.listeners].map((listener) => listener.close()));
  }

  /**
   * Answers a request, in this process. Uses no timers and no turns of the event loop besides those of the clock; but the first body in protobuf
   * of each API group loads the table that it is read by.
   *
   * Any answer is an answer: what the server refuses has a status of 400 or more.
   *
   * @throws {BowlineError} `APISERVER_NOT_RUNNING`
   * @throws {TypeError | RangeError} when it is no request: no headers, a body that is not bytes, unknown names.
   */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    return this.#handle(checkedRequest(request));
  }

  /**
   * Takes requests from the network too.
   *
   * @throws {BowlineError} `APISERVER_NOT_RUNNING`
   * @throws {BowlineError} `APISERVER_LISTEN_FAILED`, with the error of Node as its cause and what to do about it in its message.
   * @throws {TypeError | RangeError} for unknown names, and for values that make no sense.
   */
  async listen(options: ListenOptions = {}): Promise<Listener> {
    checkOptions<ListenOptions>('listen', options, listenRules);
    const running = this.#parts();
    const { port = 0, host = '127.0.0.1', tls } = options;
    const certificate = this.#certificate(tls, host);
    const { listenOn } = await import('./http/listener.ts'); // Node's servers: 20 ms that nobody needs who stays in the process
    const listener = await listenOn({
      host,
      port,
      certificate,
      maxBodyBytes: this.#settings.maxBodyBytes,
      logger: this.#ports.logger,
      handle: (request) => this.#handle(request),
    }).catch((error: unknown) => {
      throw listenFailed(error, host, port);
    });
    if (this.#running !== running) {
      await listener.close();
      throw this.#notRunning();
    }
    const { listeners } = running;
    listeners.add(listener);
    const authority = host.includes(':') ? `[${host}]` : host;
    this.#address = `${authority}:${listener.port}`;
    return {
      url: `${certificate === undefined ? 'http' : 'https'}://${this.#address}`,
      authority: certificate?.authority,
      close: async () => {
        listeners.delete(listener);
        await listener.close();
      },
    };
  }

  /** Who of the controllers still has work to do, one line each; empty when everything has come to rest. */
  busy(): readonly string[] {
    return this.#running?.controllers.busy() ?? [];
  }

  /**
   * Forgets the past, as etcd does every five minutes: watches and lists that go back further are answered with 410.
   *
   * @param revision Up to and with this one. @default the present
   * @throws {BowlineError} `APISERVER_NOT_RUNNING`
   */
  compact(revision?: number): void {
    const { store } = this.#parts().assembly.services;
    store.compact(revision ?? store.current);
  }

  async #handle(request: HttpRequest): Promise<HttpResponse> {
    return this.#parts().assembly.handler.handle(request);
  }

  #parts(): Running {
    if (this.#running === undefined) throw this.#notRunning();
    return this.#running;
  }

  #notRunning(): BowlineError {
    return new BowlineError(`The server does not run: it is ${this.#state}`, { code: 'APISERVER_NOT_RUNNING' });
  }

  #certificate(tls: ListenOptions['tls'], host: string): ServerCertificate | undefined {
    if (tls !== 'self-signed') return tls;
    return selfSignedCertificate([...new Set([host, 'localhost', '127.0.0.1'])], this.#ports.clock.now());
  }
}
