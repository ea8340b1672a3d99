import { defaultDefinition } from '../crds/defaults.ts';
import { builtinDefaults } from './defaults.ts';
import type { BuiltinRules, Defaulter, KindName, Validator } from './registry.ts';
import { builtinValidators } from './validators.ts';

/** Defaulters and validators of the built-in kinds. */
const rules: BuiltinRules = {
  defaulters: { ...builtinDefaults, 'apiextensions.k8s.io/v1 CustomResourceDefinition': defaultDefinition },
  validators: builtinValidators,
};

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
