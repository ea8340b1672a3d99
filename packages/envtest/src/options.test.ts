import { expect, test } from 'vitest';
import { type EnvOptions, resolveEnvOptions } from './options.ts';

test('resolveEnvOptions is embedded and virtual unless the environment says otherwise', () => {
  expect(resolveEnvOptions({}, {})).toMatchObject({
    controlPlane: 'embedded',
    clock: 'virtual',
    controllers: true,
    seed: 1,
  });
  expect(resolveEnvOptions({}, { BOWLINE_CONTROL_PLANE: 'binaries' })).toMatchObject({
    controlPlane: 'binaries',
    clock: 'real',
    controllers: false,
  });
  expect(resolveEnvOptions({}, { USE_EXISTING_CLUSTER: 'true' })).toMatchObject({
    controlPlane: 'existing',
    clock: 'real',
  });
  expect(
    resolveEnvOptions({ controlPlane: 'embedded', clock: undefined }, { BOWLINE_CONTROL_PLANE: 'binaries' }),
  ).toMatchObject({ controlPlane: 'embedded', clock: 'virtual' });
});

test.each<[object, string]>([
  [
    { controlPlane: 'kind' },
    'Cannot start environment: controlPlane must be one of embedded, binaries, existing, got "kind"',
  ],
  [
    { controlPlane: 'binaries', clock: 'virtual' },
    'Cannot start environment: clock must be "real" with controlPlane "binaries", got "virtual"',
  ],
  [{ clock: 'fast' }, 'Cannot start environment: clock must be "virtual" or "real", got "fast"'],
  [{ seed: 0.5 }, 'Cannot start environment: seed must be an integer, got 0.5'],
  [{ startMs: Number.NaN }, 'Cannot start environment: startMs must be finite, got NaN'],
])('resolveEnvOptions refuses %j', (options, message) => {
  expect(() => resolveEnvOptions(options as EnvOptions, {})).toThrow(message);
});
