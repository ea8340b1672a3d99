import { clone, equal } from '@bowline/apimachinery';
import type { FieldError } from '../field-error.ts';
import type { NameRule } from '../meta/formats.ts';
import { builtinFinalizerErrors, metadataErrors, metadataUpdateErrors } from '../meta/validation.ts';
import { isObject, type Metadata, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { type Preparation, preparations } from './preparations.ts';
import type { Validator } from './registry.ts';
import { nameRuleOf, type Row, rows } from './rows.ts';
import type { GracefulDelete, Strategy, WriteContext } from './strategy.ts';

/** Which resource a strategy is for. */
export interface BuiltinTarget {
  /** `deployments.apps` */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly validate: Validator | undefined;
  /** The status of an object of which nothing is known; undefined when the kind has none. */
  emptyStatus(): unknown;
}

/** How a built-in resource is written, at its own endpoint or at one of its subresources. */
export class BuiltinStrategy implements Strategy {
  readonly allowCreateOnUpdate: boolean;
  readonly allowUnconditionalUpdate: boolean;
  readonly returnsDeleted: boolean;
  readonly dependents: 'delete' | 'orphan' | 'unsupported';
  readonly graceful: GracefulDelete | undefined;
  readonly #nameRule: NameRule;
  readonly #row: Row;
  readonly #target: BuiltinTarget;
  readonly #subresource: string;
  readonly #preparation: Preparation;

  constructor(target: BuiltinTarget, subresource = '') {
    const row = rows[target.resource] ?? {};
    this.#row = row;
    this.#target = target;
    this.#subresource = subresource;
    this.#preparation = preparations[target.resource] ?? {};
    this.#nameRule = nameRuleOf(row);
    this.allowCreateOnUpdate = subresource === '' && row.createOnUpdate === true;
    this.allowUnconditionalUpdate = row.unconditionalUpdate ?? true;
    this.returnsDeleted = row.returnsDeleted ?? false;
    this.dependents = row.dependents ?? 'delete';
    this.graceful = target.resource === 'pods' ? podGrace : undefined;
  }

  prepareForCreate(object: ServerObject, context: WriteContext): void {
    if (this.#row.resetsStatus === true) resetStatus(object, this.#target.emptyStatus());
    if (this.#row.generation !== undefined) object.metadata.generation = 1;
    dropDisabledFields(this.#target.resource, object);
    this.#preparation.create?.(object, context);
  }

  prepareForUpdate(object: ServerObject, old: ServerObject, context: WriteContext): void {
    dropDisabledFields(this.#target.resource, object, old);
    switch (this.#subresource) {
      case '':
        if (this.#row.resetsStatus !== undefined && this.#row.resetsStatus !== false) take(object, old, 'status');
        this.#preparation.update?.(object, old, context);
        this.#bumpGeneration(object, old);
        break;
      case 'status':
        take(object, old, 'spec');
        keepMetadata(object.metadata, old.metadata, this.#row.statusKeeps);
        this.#preparation.subresources?.status?.(object, old, context);
        break;
      default:
        this.#preparation.subresources?.[this.#subresource]?.(object, old, context);
        if (this.#subresource !== 'finalize' && this.#subresource !== 'approval') this.#bumpGeneration(object, old);
    }
  }

  validateCreate(object: ServerObject): FieldError[] {
    const { namespaced, validate } = this.#target;
    const { metadata } = object;
    const common = [...metadataErrors(metadata, namespaced, this.#nameRule), ...builtinFinalizerErrors(metadata)];
    return [...(this.#row.ownMetadata === true ? [] : common), ...(validate?.(object, undefined, '') ?? [])];
  }

  validateUpdate(object: ServerObject, old: ServerObject): FieldError[] {
    const { metadata } = object;
    const common = [...metadataUpdateErrors(metadata, old.metadata), ...builtinFinalizerErrors(metadata)];
    return [
      ...(this.#row.ownMetadata === true ? [] : common),
      ...(this.#target.validate?.(object, old, this.#subresource) ?? []),
    ];
  }

  warnings(object: ServerObject, old: ServerObject | undefined): readonly string[] {
    return this.#subresource === '' ? (this.#preparation.warnings?.(object, old) ?? []) : [];
  }

  mayDeleteDuringUpdate(object: ServerObject): boolean {
    return this.#preparation.mayDeleteDuringUpdate?.(object) ?? true;
  }

  #bumpGeneration(object: ServerObject, old: ServerObject): void {
    const fields = this.#row.generation;
    if (fields === undefined) return;
    const changed = fields.some((path) => !sameValue(valueAt(object, ...path), valueAt(old, ...path)));
    if (changed) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

function resetStatus(object: ServerObject, status: unknown): void {
  if (status === undefined) delete object.status;
  else object.status = status;
}

/** Absent and empty are the same to the real server. */
function sameValue(a: unknown, b: unknown): boolean {
  return equal(a, b) || (isNothing(a) && isNothing(b));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

/** Gives `object` the field as it is stored. */
function take(object: ServerObject, old: ServerObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = clone(old[field]);
}

function keepMetadata(now: Metadata, old: Metadata, keeps: Row['statusKeeps']): void {
  switch (keeps) {
    case 'labels':
      takeMeta(now, old, ['labels']);
      break;
    case 'owners':
      delete now.deletionTimestamp;
      takeMeta(now, old, ['ownerReferences']);
      break;
    case 'metadata':
      takeMeta(now, old, [
        'deletionTimestamp',
        'generation',
        'selfLink',
        'labels',
        'annotations',
        'finalizers',
        'ownerReferences',
      ]);
      break;
    case 'allMetadata': {
      const { managedFields } = now;
      for (const field of Object.keys(now)) delete now[field];
      Object.assign(now, clone(old));
      if (managedFields === undefined) delete now.managedFields;
      else now.managedFields = managedFields;
      break;
    }
    case undefined:
  }
}

function takeMeta(now: Metadata, old: Metadata, fields: readonly string[]): void {
  for (const field of fields) {
    if (old[field] === undefined) delete now[field];
    else now[field] = clone(old[field]);
  }
}

/** @see k8s.io/kubernetes pkg/registry/core/pod `CheckGracefulDelete` */
function podGrace(pod: ServerObject, requestedSeconds: number | undefined): number {
  const phase = stringAt(pod, 'status', 'phase');
  if (stringAt(pod, 'spec', 'nodeName') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  const seconds = requestedSeconds ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 0;
  return seconds < 0 ? 1 : seconds;
}
