import { readFile } from 'node:fs/promises';
import { type Clock, isJsonObject, parseTime } from '@bowline/apimachinery';
import type { ClusterConfig, ExecConfig } from '../config/kube-config.ts';
import { ClientError } from '../errors.ts';
import { type CommandOutcome, runCommand } from './run-command.ts';

/** What a plugin gave. */
export interface ExecCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Wall time in milliseconds. */
  readonly expiresAtMs: number | undefined;
}

export interface ExecPluginOptions {
  readonly exec: ExecConfig;
  /** What the plugin is told about when it asks for that. */
  readonly cluster: ClusterConfig;
  /** What messages call the user. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The longest that it may run. */
  readonly timeoutMs: number;
}

const GROUP = 'client.authentication.k8s.io';
const versions: readonly string[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`];

/**
 * Gets credentials from a command, and again once they have expired or were refused. Requests at the same time share one run.
 *
 * @see client-go plugin/pkg/client/auth/exec/exec.go
 */
export class ExecPlugin {
  readonly #clock: Clock;
  readonly #options: ExecPluginOptions;
  #current: ExecCredential | undefined;
  #running: Promise<ExecCredential> | undefined;

  constructor(clock: Clock, options: ExecPluginOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** @throws {ClientError} `CLIENT_EXEC_FAILED`, `CLIENT_EXEC_UNSUPPORTED` */
  credential(): Promise<ExecCredential> {
    const { expiresAtMs = Number.POSITIVE_INFINITY } = this.#current ?? {};
    if (this.#current && this.#clock.now() < expiresAtMs) return Promise.resolve(this.#current);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The server refused what the plugin had given: it is run again, unless that has happened since. */
  rejected(used: ExecCredential | undefined): void {
    if (used === undefined || used === this.#current) this.#current = undefined;
  }

  async #run(): Promise<ExecCredential> {
    const { exec, env, timeoutMs } = this.#options;
    const { apiVersion, command, args = [], interactiveMode } = exec;
    if (!versions.includes(apiVersion)) {
      const advice = 'update the plugin and have it write its part of the kubeconfig anew';
      throw this.#unsupported(`apiVersion must be "${versions.join('" or "')}", got "${apiVersion}"; ${advice}`);
    }
    if (interactiveMode === 'Always') {
      const advice = 'this process has no terminal to give; use a plugin or a login that needs none';
      throw this.#unsupported(`interactiveMode must be "Never" or "IfAvailable", got "Always"; ${advice}`);
    }
    const info = JSON.stringify(await this.#info());
    const outcome = await runCommand(this.#clock, {
      command,
      args,
      env: { ...env, ...exec.env, KUBERNETES_EXEC_INFO: info },
      timeoutMs,
    });
    this.#current = this.#read(this.#output(outcome));
    return this.#current;
  }

  /** What the plugin is told. */
  async #info(): Promise<object> {
    const { exec, cluster } = this.#options;
    const spec = exec.provideClusterInfo
      ? { cluster: await clusterInfo(cluster), interactive: false }
      : { interactive: false };
    return { kind: 'ExecCredential', apiVersion: exec.apiVersion, spec };
  }

  #output(outcome: CommandOutcome): string {
    const { command, installHint } = this.#options.exec;
    switch (outcome.type) {
      case 'not-started': {
        const missing = outcome.reason === 'ENOENT';
        const why = missing ? 'there is no such command' : `it cannot be started (${outcome.reason})`;
        const hint = installHint === undefined ? '; install it, or correct the path' : `; ${installHint.trim()}`;
        throw this.#failed(`${why}${hint}`, !missing);
      }
      case 'timed-out': {
        const said = complaint(outcome.stderr);
        throw this.#failed(`"${command}" took longer than ${this.#options.timeoutMs} ms and was ended${said}`, true);
      }
      case 'exited':
        if (outcome.code === 0) return outcome.stdout;
        throw this.#failed(`it ended with exit code ${outcome.code ?? 'none'}${complaint(outcome.stderr)}`, true);
    }
  }

  /** The output is never shown: it holds credentials. */
  #read(output: string): ExecCredential {
    let answer: unknown;
    try {
      answer = JSON.parse(output);
    } catch {
      throw this.#failed('its output must be JSON, got something else', false);
    }
    const { apiVersion } = this.#options.exec;
    if (!isJsonObject(answer) || answer.kind !== 'ExecCredential')
      throw this.#failed('its output must be an ExecCredential, got another object', false);
    if (answer.apiVersion !== apiVersion)
      throw this.#failed(
        `apiVersion of its output must be "${apiVersion}", got ${typeof answer.apiVersion === 'string' ? `"${answer.apiVersion}"` : 'none'}`,
        false,
      );
    const status = isJsonObject(answer.status) ? answer.status : undefined;
    if (!status) throw this.#failed('its output must have a status, got none', false);
    const token = this.#text(status, 'token');
    const cert = this.#text(status, 'clientCertificateData');
    const key = this.#text(status, 'clientKeyData');
    if ((cert === undefined) !== (key === undefined))
      throw this.#failed('its output must have both clientCertificateData and clientKeyData, got one', false);
    if (token === undefined && cert === undefined)
      throw this.#failed('its output must have a token or a client certificate, got neither', false);
    const expiry = this.#text(status, 'expirationTimestamp');
    return { token, cert, key, expiresAtMs: expiry === undefined ? undefined : this.#time(expiry) };
  }

  #text(status: Readonly<Record<string, unknown>>, field: string): string | undefined {
    const value = status[field];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw this.#failed(`${field} of its output must be a string, got a ${typeof value}`, false);
  }

  #time(expiry: string): number {
    try {
      return parseTime(expiry);
    } catch {
      throw this.#failed('expirationTimestamp of its output must be a time as in RFC 3339, got something else', false);
    }
  }

  #failed(why: string, retryable: boolean): ClientError {
    const { name, exec } = this.#options;
    const message = `Cannot get credentials of ${name} from the command "${exec.command}": ${why}`;
    return new ClientError(message, { code: 'CLIENT_EXEC_FAILED', retryable });
  }

  #unsupported(why: string): ClientError {
    const { name, exec } = this.#options;
    const message = `Cannot get credentials of ${name} from the command "${exec.command}": ${why}`;
    return new ClientError(message, { code: 'CLIENT_EXEC_UNSUPPORTED' });
  }
}

/** @see k8s.io/client-go pkg/apis/clientauthentication/v1 `Cluster` */
async function clusterInfo(cluster: ClusterConfig): Promise<object> {
  const { server, tlsServerName, insecureSkipTlsVerify, proxyUrl, disableCompression, execConfig } = cluster;
  const authority = cluster.certificateAuthorityData ?? (await authorityOf(cluster));
  return {
    server,
    'tls-server-name': tlsServerName,
    'insecure-skip-tls-verify': insecureSkipTlsVerify,
    'certificate-authority-data': authority?.includes('-----BEGIN ') ? base64(authority) : authority,
    'proxy-url': proxyUrl,
    'disable-compression': disableCompression,
    config: execConfig ?? null,
  };
}

async function authorityOf({ certificateAuthority }: ClusterConfig): Promise<string | undefined> {
  if (!certificateAuthority) return undefined;
  try {
    return await readFile(certificateAuthority, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError(`Cannot read the certificate authority of the cluster: ${reason}`, {
      code: 'CLIENT_CREDENTIALS_UNREADABLE',
      retryable: true,
      cause,
    });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Longer complaints are cut: what matters comes last. */
const LONGEST_COMPLAINT = 500;

/**
 * The end of what a command complained about, without what looks like a credential. It is hidden before the text is cut, so that no
 * part of one is left. A credential that looks like ordinary words cannot be told from them: commands must not print theirs.
 */
function complaint(stderr: string): string {
  let text = stderr;
  for (const [pattern, replacement] of credentials) text = text.replace(pattern, replacement);
  text = text.trim();
  if (text === '') return '; it said nothing on stderr';
  return `: ${text.length > LONGEST_COMPLAINT ? `…${text.slice(-LONGEST_COMPLAINT)}` : text}`;
}

const credentials: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g, '[hidden]'],
  [/\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?/g, '[hidden]'],
  [/[\w+/=.-]{40,}/g, '[hidden]'],
  [/\b(bearer|basic)\s+[\w+/=.~-]+/gi, '$1 [hidden]'],
  [/(:\/\/)[^/\s@]+@/g, '$1[hidden]@'],
  [/((?:token|password|passwd|secret|key)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi, '$1[hidden]'],
];
