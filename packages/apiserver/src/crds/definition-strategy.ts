import { clone, equal } from '@bowline/apimachinery';
import { type CrdManifest, crdNameProblems, validateCrdSpec } from '@bowline/crd';
import type { Strategy } from '../builtins/index.ts';
import type { FieldError } from '../field-error.ts';
import { metadataErrors, metadataUpdateErrors } from '../meta/validation.ts';
import type { ServerObject } from '../object.ts';
import { asDefinition, storageVersionOf } from './definition.ts';
import { newFormats } from './formats.ts';

/** How definitions of custom resources are written. @see k8s.io/apiextensions-apiserver registry/customresourcedefinition */
export class DefinitionStrategy implements Strategy {
  readonly allowCreateOnUpdate = false;
  readonly allowUnconditionalUpdate = false;
  readonly returnsDeleted = false;
  readonly dependents = 'delete';
  readonly #subresource: string;

  constructor(subresource: string) {
    this.#subresource = subresource;
  }

  prepareForCreate(object: ServerObject): void {
    object.metadata.generation = 1;
    object.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };
    this.#recordStored(object);
  }

  prepareForUpdate(object: ServerObject, old: ServerObject): void {
    if (this.#subresource === 'status') {
      object.spec = clone(old.spec);
      return;
    }
    object.status = clone(old.status);
    if (!equal(object.spec, old.spec)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    this.#recordStored(object);
  }

  /** Objects may be stored in each version that ever was the storage version. */
  #recordStored(object: ServerObject): void {
    const crd = asDefinition(object);
    const name = storageVersionOf(crd)?.name;
    const stored = crd.status.storedVersions ?? [];
    if (name === undefined || stored.includes(name)) return;
    object.status = { ...crd.status, storedVersions: [...stored, name] };
  }

  validateCreate(object: ServerObject): FieldError[] {
    const { spec } = asDefinition(object);
    return [
      ...metadataErrors(object.metadata, false, (name, prefix) => crdNameProblems(name, prefix, spec)),
      ...validateCrdSpec(object as unknown as CrdManifest),
    ];
  }

  validateUpdate(object: ServerObject, old: ServerObject): FieldError[] {
    const errors = metadataUpdateErrors(object.metadata, old.metadata);
    if (this.#subresource === 'status') return errors;
    return [...errors, ...validateCrdSpec(object as unknown as CrdManifest, asDefinition(old))];
  }

  warnings(object: ServerObject, old: ServerObject | undefined): readonly string[] {
    if (this.#subresource !== '') return [];
    return newFormats(asDefinition(object), old && asDefinition(old)).map(
      (format) => `unrecognized format ${JSON.stringify(format)}`,
    );
  }
}
