import { expect, test } from 'vitest';
import { resolveEnvOptions } from './options.ts';

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
