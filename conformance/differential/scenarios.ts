import type { Scenario } from '../src/exchange.ts';
import { applyScenarios } from './apply.scenarios.ts';
import { builtinScenarios } from './builtin.scenarios.ts';
import { customScenarios } from './custom.scenarios.ts';
import { errorScenarios } from './error.scenarios.ts';
import { patchScenarios } from './patch.scenarios.ts';
import { verbScenarios } from './verb.scenarios.ts';

/** All scenarios of the differential run. */
export const scenarios: readonly Scenario[] = [
  ...verbScenarios,
  ...patchScenarios,
  ...applyScenarios,
  ...builtinScenarios,
  ...customScenarios,
  ...errorScenarios,
];
