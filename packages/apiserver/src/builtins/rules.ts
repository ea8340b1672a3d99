import { defaultDefinition } from '../crds/defaults.ts';
import type { ServerObject } from '../object.ts';
import { builtinDefaults } from './defaults.ts';
import { templateGeneration } from './preparations.ts';
import type { BuiltinRules, Defaulter, KindName, Validator } from './registry.ts';
import { builtinValidators } from './validators.ts';

/** Defaulters and validators of the built-in kinds. */
const rules: BuiltinRules = {
  defaulters: {
    ...builtinDefaults,
    'apiextensions.k8s.io/v1 CustomResourceDefinition': defaultDefinition,
    'apps/v1 DaemonSet': defaultDaemonSet,
  },
  validators: builtinValidators,
};

/** An annotation stands for a field that the internal form has and this version has not. */
function defaultDaemonSet(set: ServerObject): void {
  builtinDefaults['apps/v1 DaemonSet']?.(set);
  set.metadata.annotations = { [templateGeneration]: '0', ...set.metadata.annotations };
}

/** What fills in the fields that a client left out; undefined where nothing is filled in. */
export function defaulterOf(apiVersion: string, kind: string): Defaulter | undefined {
  const name: KindName = `${apiVersion} ${kind}`;
  return rules.defaulters[name];
}

/** What checks the fields of a kind; undefined where nothing is checked besides the metadata. */
export function validatorOf(apiVersion: string, kind: string): Validator | undefined {
  const name: KindName = `${apiVersion} ${kind}`;
  return rules.validators[name];
}
