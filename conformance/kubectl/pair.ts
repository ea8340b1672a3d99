import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Env, startEnv } from '@bowline/envtest';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ExposedServer, expose } from '../src/exposed-server.ts';
import { kubectlPath } from '../src/kubectl.ts';
import { masked } from './masks.ts';

/** How a command is run. */
export interface RunOptions {
  /** Text for `-f -`. */
  readonly stdin?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Called with all of the output so far, errors last, whenever there is more. */
  readonly onOutput?: ((output: string) => void) | undefined;
}

/** What a command did. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** kubectl for one server, with a home of its own. */
class Kubectl {
  readonly env: Env;
  readonly #server: ExposedServer;
  readonly #home: string = mkdtempSync(join(tmpdir(), 'bowline-kubectl-'));

  constructor(env: Env, server: ExposedServer) {
    this.env = env;
    this.#server = server;
  }

  run(args: readonly string[], { stdin = '', env = {}, onOutput }: RunOptions = {}): Promise<Ran> {
    const flags = ['--kubeconfig', this.#server.kubeconfigPath, '--cache-dir', join(this.#home, 'cache')];
    const path = '/usr/local/bin:/usr/bin:/bin'; // for the editor of `kubectl edit`
    const child = spawn(kubectlPath(), [...args, ...flags], { env: { HOME: this.#home, PATH: path, ...env } });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out.push(text);
      onOutput?.([...out, ...err].join(''));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err.push(text);
      onOutput?.([...out, ...err].join(''));
    });
    child.stdin.end(stdin);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ stdout: out.join(''), stderr: err.join(''), exitCode }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.env[Symbol.asyncDispose]();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A command that runs on both servers. */
export interface Begun {
  /** Resolves once both have printed what matches; fails when one of them ends before. */
  printed(pattern: RegExp): Promise<void>;
  readonly ended: Promise<{ readonly embedded: Ran; readonly real: Ran }>;
  /** Waits for the end of both and wants it to be the same, masked, apart from the log of `-v`. */
  same(): Promise<void>;
}

/** The same commands on the embedded and on the real server. */
export interface Pair {
  /** Runs a command on both and wants the same output, errors and exit code, masked. Gives what the embedded server's run printed. */
  same(command: string, options?: RunOptions): Promise<Ran>;
  /** Runs a command on both. */
  both(command: string, options?: RunOptions): Promise<{ readonly embedded: Ran; readonly real: Ran }>;
  /** Starts a command on both. */
  begin(command: string): Begun;
  /** Namespaces of both that nothing else uses. */
  namespace(name: string): Promise<void>;
}

/** Starts both servers before the tests of a file, and ends them after them. */
export function usePair({ controllers = false }: { readonly controllers?: boolean } = {}): Pair {
  const kubectls: Kubectl[] = [];
  beforeAll(async () => {
    const envs = await Promise.all([
      startEnv({ controlPlane: 'embedded', clock: 'real', controllers }),
      startEnv({ controlPlane: 'binaries', clock: 'real', controllers }),
    ]);
    for (const env of envs) kubectls.push(new Kubectl(env, await expose(env)));
  });
  afterAll(async () => {
    for (const kubectl of kubectls) await kubectl[Symbol.asyncDispose]();
  });

  const begin = (command: string): Begun => {
    const outputs = kubectls.map(() => '');
    const looks = new Set<() => void>();
    const runs = kubectls.map((kubectl, index) =>
      kubectl.run(words(command), {
        onOutput(output) {
          outputs[index] = output;
          for (const look of looks) look();
        },
      }),
    );
    const ended = Promise.all(runs).then(([embedded, real]) => {
      if (embedded === undefined || real === undefined) throw new Error(`Cannot run kubectl ${command}: not started`);
      return { embedded, real };
    });
    return {
      ended,
      async same() {
        const { embedded, real } = await ended;
        expect(shown(withoutLog(embedded)), `kubectl ${command}`).toBe(shown(withoutLog(real)));
      },
      async printed(pattern) {
        const shown = (): boolean => outputs.every((output) => pattern.test(output));
        const seen = new Promise<void>((resolve) => {
          const look = (): void => {
            if (shown()) resolve();
          };
          looks.add(look);
          look();
        });
        await Promise.race([seen, ended]);
        expect(outputs, `kubectl ${command}`).toEqual(outputs.map(() => expect.stringMatching(pattern)));
      },
    };
  };
  const both: Pair['both'] = async (command, options) => {
    const args = words(command);
    const [embedded, real] = await Promise.all(kubectls.map((kubectl) => kubectl.run(args, options)));
    if (embedded === undefined || real === undefined)
      throw new Error('Cannot run kubectl: both servers must be started');
    return { embedded, real };
  };
  return {
    both,
    begin,
    async same(command, options) {
      const { embedded, real } = await both(command, options);
      expect(shown(embedded), `kubectl ${command}`).toBe(shown(real));
      return embedded;
    },
    async namespace(name) {
      for (const { exitCode, stderr } of Object.values(await both(`create namespace ${name}`)))
        expect(exitCode, stderr).toBe(0);
    },
  };
}

function shown({ stdout, stderr, exitCode }: Ran): string {
  return masked(`exit code ${exitCode}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`);
}

/** Lines of the log start with the level and the day. */
function withoutLog(ran: Ran): Ran {
  return { ...ran, stderr: ran.stderr.replaceAll(/^[IWEF]\d{4} .*\n/gm, '') };
}

/** Splits a command line at spaces; quotes hold words together. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}
