import { type NameRule, nameIsSubdomain } from '../meta/formats.ts';
import { builtinFinalizerErrors, metadataErrors } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';
import type { Report } from './validate-fields.ts';

/**
 * Checks metadata as if the object were new. Some kinds do so once more when they are updated, and say what is wrong once more.
 *
 * @param namespaced Whether objects of the kind are in namespaces.
 */
export function checkMetadataAgain(
  object: ServerObject,
  report: Report,
  nameRule: NameRule = nameIsSubdomain,
  namespaced = true,
): void {
  metadataErrors(object.metadata, namespaced, nameRule).forEach(report);
  builtinFinalizerErrors(object.metadata).forEach(report);
}
