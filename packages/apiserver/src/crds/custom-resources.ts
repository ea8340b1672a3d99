import { clone, equal } from '@bowline/apimachinery';
import type { Services, Writer } from '../call.ts';
import type { Endpoint, Hooks } from '../endpoint.ts';
import { qualified, Refusal } from '../errors.ts';
import type { DeleteOptions } from '../http/query-options.ts';
import type { ServerObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { CustomResourceVersion } from '../schema/index.ts';
import type { Collection } from '../store/collection.ts';
import type { Entry } from '../store/entry.ts';
import { trackWrite } from '../verbs/managed-fields.ts';
import { storeDelete } from '../verbs/store-delete.ts';
import { storeUpdate } from '../verbs/store-update.ts';
import { keepApiServices } from './api-services.ts';
import { approvalCondition } from './approval.ts';
import { CustomEndpoint, type CustomParts, compiledSchemas } from './custom-endpoint.ts';
import {
  asDefinition,
  cleanupFinalizer,
  conditionOf,
  type Definition,
  isTrue,
  type NewCondition,
  setCondition,
} from './definition.ts';
import { judgeNames } from './names.ts';

/** What serving custom resources takes. */
export interface CustomResourcesParts {
  readonly services: Services;
  readonly registry: Registry;
  /** The OpenAPI documents of a group are no longer right. */
  forgetOpenApi(group: string): void;
  /** Ends all watches of a resource: its clients must look again what it is. */
  endWatches(collection: Collection): void;
}

/** A definition as it is served. */
interface Served {
  readonly definition: Definition;
  readonly collection: Collection;
  /** All versions, whether clients see them or not. */
  readonly endpoints: readonly CustomEndpoint[];
  terminating: boolean;
}

const crds = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const manager = 'kube-apiserver';
const noOptions: DeleteOptions = {
  gracePeriodSeconds: undefined,
  orphanDependents: undefined,
  propagationPolicy: undefined,
  preconditions: undefined,
  dryRun: false,
};

/**
 * Makes custom resources of definitions: gives them their names, serves them, removes them with all their objects.
 * It works in the turn of the write that gave it something to do, so that nobody ever sees a definition half way.
 *
 * @see k8s.io/apiextensions-apiserver pkg/controller
 */
export class CustomResources {
  readonly #parts: CustomResourcesParts;
  readonly #served = new Map<string, Served>();
  /** Definitions that were touched while another was worked on. */
  readonly #touched = new Set<string>();
  #working = false;

  /** To be told of changes of definitions. */
  readonly hooks: Hooks = {
    created: ({ object }) => this.#touch(object),
    updated: ({ object }) => this.#touch(object),
    deleted: ({ object }) => this.#touch(object),
  };

  constructor(parts: CustomResourcesParts) {
    this.#parts = parts;
  }

  /** The custom resources of a group-version, for its OpenAPI document. */
  openApi(group: string, version: string): CustomResourceVersion[] {
    return [...this.#served.keys()].sort().flatMap((name) =>
      this.#parts.registry
        .custom(name)
        .filter((one): one is CustomEndpoint => one instanceof CustomEndpoint)
        .filter((one) => one.group === group && one.version === version)
        .map((one) => one.openApi),
    );
  }

  get #endpoint(): Endpoint {
    const endpoint = this.#parts.services.endpoint(crds.group, crds.version, crds.resource);
    if (endpoint === undefined) throw new Error('Definitions of custom resources are not served');
    return endpoint;
  }

  #entry(name: string): Entry | undefined {
    return this.#endpoint.collection?.get(name);
  }

  #touch({ metadata: { name = '' } }: ServerObject): void {
    this.#touched.add(name);
    if (this.#working) return;
    this.#working = true;
    try {
      for (const next of this.#touched) {
        this.#touched.delete(next);
        this.#sync(next);
      }
    } finally {
      this.#working = false;
    }
  }

  /** Brings one definition one step further; each write touches it again. */
  #sync(name: string): void {
    const entry = this.#entry(name);
    if (entry === undefined) {
      this.#forget(name);
      return;
    }
    const crd = asDefinition(entry.object);
    keepApiServices(this.#parts.services, this.#writer(), crd.spec.group, this.#all());
    this.#serve(name, crd);
    const steps = [this.#settleNames, this.#approve, this.#establish, this.#cleanUp];
    for (const step of steps) if (step.call(this, name, crd)) return;
  }

  #forget(name: string): void {
    const served = this.#served.get(name);
    const group = name.slice(name.indexOf('.') + 1);
    if (served !== undefined) {
      this.#served.delete(name);
      this.#parts.registry.removeCustom(name);
      this.#parts.endWatches(served.collection);
      this.#parts.services.store.drop(name);
      this.#parts.forgetOpenApi(group);
    }
    keepApiServices(this.#parts.services, this.#writer(), group, this.#all());
    this.#touchOthers(name, group);
  }

  #writer(): Writer {
    return { user: { name: 'system:apiserver', uid: '', groups: ['system:masters'] }, warnings: [] };
  }

  /** Names may have become free. */
  #touchOthers(name: string, group: string): void {
    for (const other of this.#all()) {
      if (other.spec.group === group && other.metadata.name !== name) this.#touched.add(other.metadata.name ?? '');
    }
  }

  #all(): Definition[] {
    return this.#endpoint.collection?.range('').map(({ object }) => asDefinition(object)) ?? [];
  }

  /** @returns whether something was written. */
  #settleNames(name: string, crd: Definition): boolean {
    const verdict = judgeNames(crd, this.#all());
    if (verdict === undefined) return false;
    const { accepted, namesAccepted, established } = verdict;
    if (equal(accepted, crd.status.acceptedNames) && isSaid(crd, namesAccepted)) return false;
    this.#write(name, (draft, nowMs) => {
      draft.status = { ...crd.status, acceptedNames: accepted };
      setCondition(draft, namesAccepted, nowMs);
      setCondition(draft, established, nowMs);
    });
    this.#touchOthers(name, crd.spec.group);
    return true;
  }

  #approve(name: string, crd: Definition): boolean {
    const condition = approvalCondition(crd);
    if (condition === undefined || isSaid(crd, condition)) return false;
    this.#write(name, (draft, nowMs) => setCondition(draft, condition, nowMs));
    return true;
  }

  #establish(name: string, crd: Definition): boolean {
    if (!isTrue(crd, 'NamesAccepted') || isTrue(crd, 'Established')) return false;
    const condition: NewCondition = {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    };
    this.#write(name, (draft, nowMs) => setCondition(draft, condition, nowMs));
    return true;
  }

  /** Removes the objects of a definition that is being deleted, then the definition. */
  #cleanUp(name: string, crd: Definition): boolean {
    const { deletionTimestamp, finalizers = [] } = crd.metadata;
    if (deletionTimestamp === undefined || !finalizers.includes(cleanupFinalizer)) return false;
    const terminating = (status: 'True' | 'False', reason: string, message: string): NewCondition => ({
      type: 'Terminating',
      status,
      reason,
      message,
    });
    const inProgress = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
    if (!isSaid(crd, inProgress)) {
      this.#write(name, (draft, nowMs) => setCondition(draft, inProgress, nowMs));
      return true;
    }
    const served = this.#served.get(name);
    const established = isTrue(crd, 'Established');
    if (established && served !== undefined) {
      this.#deleteObjects(served);
      // The last one that goes touches the definition again.
      if (served.collection.size > 0) return false;
    }
    const done = established
      ? terminating('False', 'InstanceDeletionCompleted', 'removed all instances')
      : terminating('False', 'NeverEstablished', 'resource was never established');
    this.#write(name, (draft, nowMs) => {
      setCondition(draft, done, nowMs);
      const left = finalizers.filter((one) => one !== cleanupFinalizer);
      if (left.length === 0) delete draft.metadata.finalizers;
      else draft.metadata.finalizers = left;
    });
    return true;
  }

  #deleteObjects({ collection, endpoints, definition }: Served): void {
    const stored = definition.spec.versions.findIndex(({ storage }) => storage);
    const endpoint = endpoints[stored];
    if (endpoint === undefined) return;
    for (const { object } of collection.range('')) {
      const { namespace = '', name = '', deletionTimestamp } = object.metadata;
      if (deletionTimestamp !== undefined) continue;
      try {
        storeDelete(this.#parts.services, endpoint, collection, { namespace, name }, noOptions);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 404) throw error;
      }
    }
  }

  #write(name: string, change: (draft: ServerObject, nowMs: number) => void): void {
    const { services } = this.#parts;
    const endpoint = this.#endpoint;
    const { collection } = endpoint;
    if (collection === undefined) return;
    storeUpdate(services, endpoint, collection, this.#writer(), {
      namespace: '',
      name,
      uid: '',
      strategy: endpoint.strategy('status'),
      forceCreate: false,
      dryRun: false,
      transform: (live) => {
        const draft = clone(live) as ServerObject;
        change(draft, services.clock.now());
        return trackWrite(services, endpoint, { live, object: draft, manager, subresource: 'status' });
      },
    });
  }

  /** Serves a definition as it now is. */
  #serve(name: string, definition: Definition): void {
    const { registry, services } = this.#parts;
    const present = this.#served.get(name);
    const terminating = isTrue(definition, 'Terminating');
    if (!isTrue(definition, 'Established') && !isTrue(definition, 'NamesAccepted')) return;
    if (present !== undefined && isSame(present.definition, definition)) {
      present.terminating = terminating;
      return;
    }
    const { spec, status } = definition;
    const resource = status.acceptedNames?.plural ?? '';
    const collection = services.store.collection(qualified({ group: spec.group, resource }));
    const served: Served = { definition, collection, terminating, endpoints: [] };
    const parts: CustomParts = {
      definition,
      schemas: compiledSchemas(definition),
      collection,
      hooks: {
        deleted: () => {
          if (served.terminating && collection.size === 0) this.#touch(definition as unknown as ServerObject);
        },
      },
      terminating: () => served.terminating,
    };
    const endpoints = spec.versions.map((version) => new CustomEndpoint(version, parts));
    this.#served.set(name, Object.assign(served, { endpoints }));
    registry.setCustom(
      name,
      endpoints.filter((_endpoint, index) => spec.versions[index]?.served),
    );
    this.#parts.forgetOpenApi(spec.group);
    if (present !== undefined) this.#parts.endWatches(collection);
  }
}

function isSaid(crd: Definition, { type, status, reason, message }: NewCondition): boolean {
  const said = conditionOf(crd, type);
  return said !== undefined && said.status === status && said.reason === reason && said.message === message;
}

function isSame(a: Definition, b: Definition): boolean {
  return equal(a.spec, b.spec) && equal(a.status.acceptedNames, b.status.acceptedNames);
}
