import { systemClock } from '@bowline/apimachinery';
import { defineCrd, s } from '@bowline/crd';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAssets } from './assets.ts';
import { type Env, startEnv } from './env.ts';
import { resolveEnvOptions } from './options.ts';
import { startRealControlPlane } from './real-control-plane.ts';

type Wrong = (...args: unknown[]) => unknown;
const start = startEnv as unknown as Wrong;
const resolve = resolveEnvOptions as unknown as Wrong;
const real = startRealControlPlane as unknown as Wrong;
const Thing = defineCrd({ group: 'example.com', version: 'v1', kind: 'Thing', spec: s.object({}) });
const crd = 'a custom resource (made by defineCrd) or a CustomResourceDefinition with a name';

let env: Env;
let wrong: Record<'settled' | 'advance', Wrong>;
beforeAll(async () => {
  env = await startEnv({ controllers: false, controlPlane: 'embedded' });
  wrong = env as unknown as typeof wrong;
});
afterAll(() => env?.[Symbol.asyncDispose]());

const rejecting = async () => {
  throw new Error('op failed');
};
const rejectingLater = async () => {
  for (let turn = 0; turn < 3; turn++) await systemClock.turn();
  throw new Error('op failed');
};

const inStart: readonly [unknown, typeof TypeError | typeof RangeError, string][] = [
  [null, TypeError, 'options must be an object, got null'],
  ['embedded', TypeError, 'options must be an object, got "embedded"'],
  [[Thing], TypeError, 'options must be an object, got an array of other values'],
  [{ crd: [] }, TypeError, 'options must have known names, got "crd"; did you mean "crds"?'],
  [
    { kubeConfigPath: 'x' },
    TypeError,
    'options must have known names, got "kubeConfigPath"; did you mean "kubeconfigPath"?',
  ],
  [{ kubeConfig: {} }, TypeError, 'options must have known names, got "kubeConfig"; did you mean "kubeconfigPath"?'],
  [{ controlPlane: 'kind' }, RangeError, 'controlPlane must be "embedded", "binaries" or "existing", got "kind"'],
  [{ controlPlane: true }, TypeError, 'controlPlane must be "embedded", "binaries" or "existing", got true'],
  [{ crds: Thing }, TypeError, 'crds must be an array, got an object (CustomResource)'],
  [{ crds: ['crd.yaml'] }, TypeError, `crds[0] must be ${crd}, got "crd.yaml"`],
  [{ crds: [Thing, undefined] }, TypeError, `crds[1] must be ${crd}, got undefined`],
  [{ crds: [{ kind: 'Thing', metadata: { name: 'a' } }] }, TypeError, `crds[0] must be ${crd}, got an object`],
  [{ crds: [{ kind: 'CustomResourceDefinition' }] }, TypeError, `crds[0] must be ${crd}, got an object`],
  [
    { crds: [{ manifest: () => [] }] },
    TypeError,
    'what crds[0].manifest() returns must be a CustomResourceDefinition with a name, got an array',
  ],
  [{ run: () => ({}) }, TypeError, 'run must be an array, got a function'],
  [{ run: [{ run() {} }] }, TypeError, 'run[0] must be a function, got an object'],
  [{ run: [() => {}] }, TypeError, 'what run[0] returns must be an operator (an object with run), got undefined'],
  [
    { run: [async () => ({ run() {} })] },
    TypeError,
    'what run[0] returns must be an operator (an object with run), got an object (Promise)',
  ],
  [
    { run: [rejecting] },
    TypeError,
    'what run[0] returns must be an operator (an object with run), got an object (Promise) that rejected: op failed',
  ],
  [
    { run: [rejectingLater] },
    TypeError,
    'what run[0] returns must be an operator (an object with run), got an object (Promise)',
  ],
  [
    { run: [() => new Promise(() => {})] },
    TypeError,
    'what run[0] returns must be an operator (an object with run), got an object (Promise)',
  ],
  [
    { crds: [{ manifest: rejecting }] },
    TypeError,
    'what crds[0].manifest() returns must be a CustomResourceDefinition with a name, got an object (Promise) that rejected: op failed',
  ],
  [
    { run: [() => ({ start() {} })] },
    TypeError,
    'what run[0] returns must be an operator (an object with run), got an object',
  ],
  [
    { run: [() => ({ run: async () => {}, busy: [] })] },
    TypeError,
    'busy of what run[0] returns must be a function, got an array',
  ],
  [
    { run: [() => ({ run: () => 5 })] },
    TypeError,
    'what run() of run[0] returns must be a promise (an object with then), got 5',
  ],
  [{ clock: 'fast' }, RangeError, 'clock must be "virtual" or "real", got "fast"'],
  [{ clock: systemClock }, TypeError, 'clock must be "virtual" or "real", got an object'],
  [
    { controlPlane: 'binaries', clock: 'virtual' },
    TypeError,
    'clock must be "real" with controlPlane "binaries", got "virtual"',
  ],
  [{ seed: '1' }, TypeError, 'seed must be a whole number, got "1"'],
  [{ seed: 0.5 }, RangeError, 'seed must be a whole number, got 0.5'],
  [{ controllers: 'yes' }, TypeError, 'controllers must be true or false, got "yes"'],
  [{ assets: '' }, RangeError, 'assets must be a non-empty string, got ""'],
  [{ assets: ['bin'] }, TypeError, 'assets must be a non-empty string, got an array'],
  [{ kubeconfigPath: {} }, TypeError, 'kubeconfigPath must be a non-empty string, got an object'],
  [{ context: '' }, RangeError, 'context must be a non-empty string, got ""'],
  [{ startMs: new Date(0) }, TypeError, 'startMs must be a finite number, got an object (Date)'],
  [{ startMs: Number.NaN }, RangeError, 'startMs must be a finite number, got NaN'],
  [
    { logger: { warn() {} } },
    TypeError,
    'logger must be a logger (an object with trace, debug, info, warn, error, child), got an object',
  ],
];

const plane = 'start the real control plane';
const planeClock = 'a clock (an object with now, monotonic, setTimer, sleep, turn)';

const all: readonly [() => unknown, typeof TypeError | typeof RangeError, string][] = [
  ...inStart.map(
    ([options, type, message]) =>
      [() => start(options), type, `Cannot start environment: ${message}`] as [() => unknown, typeof type, string],
  ),
  [
    () => resolve({}, { BOWLINE_CONTROL_PLANE: 'real' }),
    RangeError,
    'Cannot start environment: BOWLINE_CONTROL_PLANE must be "embedded", "binaries" or "existing", got "real"',
  ],
  [() => wrong.advance(), TypeError, 'Cannot advance time: ms must be a finite number, 0 or more, got undefined'],
  [() => wrong.advance('x'), TypeError, 'Cannot advance time: ms must be a finite number, 0 or more, got "x"'],
  [() => wrong.advance(Number.NaN), RangeError, 'Cannot advance time: ms must be a finite number, 0 or more, got NaN'],
  [() => wrong.advance(-1), RangeError, 'Cannot advance time: ms must be a finite number, 0 or more, got -1'],
  [
    () => wrong.advance(Number.POSITIVE_INFINITY),
    RangeError,
    'Cannot advance time: ms must be a finite number, 0 or more, got Infinity',
  ],
  [() => wrong.settled(5), TypeError, 'Cannot wait until all is settled: options must be an object, got 5'],
  [
    () => wrong.settled({ within: 5 }),
    TypeError,
    'Cannot wait until all is settled: options must have known names, got "within"; did you mean "withinMs"?',
  ],
  [
    () => wrong.settled({ withinMs: '1s' }),
    TypeError,
    'Cannot wait until all is settled: withinMs must be a finite number, 0 or more, got "1s"',
  ],
  [
    () => wrong.settled({ withinMs: Number.NaN }),
    RangeError,
    'Cannot wait until all is settled: withinMs must be a finite number, 0 or more, got NaN',
  ],
  [() => real(), TypeError, `Cannot ${plane}: clock must be ${planeClock}, got undefined`],
  [() => real({ assets: 'bin' }), TypeError, `Cannot ${plane}: clock must be ${planeClock}, got an object`],
  [
    () => real(systemClock, { flags: [] }),
    TypeError,
    `Cannot ${plane}: options must have known names, got "flags"; there are assets, controllers, startTimeoutMs, apiserverFlags, logger`,
  ],
  [() => real(systemClock, { assets: 5 }), TypeError, `Cannot ${plane}: assets must be a non-empty string, got 5`],
  [
    () => real(systemClock, { startTimeoutMs: 0 }),
    RangeError,
    `Cannot ${plane}: startTimeoutMs must be a finite number, more than 0, got 0`,
  ],
  [
    () => real(systemClock, { apiserverFlags: '--v=4' }),
    TypeError,
    `Cannot ${plane}: apiserverFlags must be an array, got "--v=4"`,
  ],
  [
    () => real(systemClock, { logger: {} }),
    TypeError,
    `Cannot ${plane}: logger must be a logger (an object with trace, debug, info, warn, error, child), got an object`,
  ],
  [
    () => (findAssets as Wrong)(5),
    TypeError,
    'Cannot find the real control plane: folder must be a non-empty string, got 5',
  ],
];

test.each(all.map(([call, type, message]) => [message, type, call] as const))(
  'startEnv, its environments and startRealControlPlane refuse wrong arguments at the call: %s',
  async (message, type, call) => {
    const thrown: unknown = await (async () => call())().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toHaveProperty('message', message);
    expect(thrown).toBeInstanceOf(type);
  },
);
