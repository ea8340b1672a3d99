import { type Clock, clone, groupVersion } from '@bowline/apimachinery';
import { builtinFieldFilter, customFieldFilter, FieldManager } from '../apply/index.ts';
import type { Services } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ServerObject } from '../object.ts';
import { builtinSchema, emptyBuiltin } from '../schema/index.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** Who keeps account of the fields at each endpoint and each of its subresources. Made when first needed. */
export class FieldManagers {
  readonly #clock: Clock;
  readonly #endpoint: Services['endpoint'];
  #scale: FieldManager | undefined;
  readonly #managers = new WeakMap<Endpoint, Map<string, FieldManager>>();

  constructor(clock: Clock, endpoint: Services['endpoint']) {
    this.#clock = clock;
    this.#endpoint = endpoint;
  }

  /** Of the Scale of whatever resource. */
  get scale(): FieldManager {
    this.#scale ??= new FieldManager(
      { clock: this.#clock },
      {
        apiVersion: 'autoscaling/v1',
        kind: scaleKind.kind,
        subresource: 'scale',
        schema: (version) => (version === 'autoscaling/v1' ? builtinSchema(scaleKind) : undefined),
        empty: emptyBuiltin(scaleKind),
      },
    );
    return this.#scale;
  }

  of(endpoint: Endpoint, subresource: string): FieldManager {
    let managers = this.#managers.get(endpoint);
    if (managers === undefined) {
      managers = new Map();
      this.#managers.set(endpoint, managers);
    }
    let manager = managers.get(subresource);
    if (manager === undefined) {
      manager = this.#make(endpoint, subresource);
      managers.set(subresource, manager);
    }
    return manager;
  }

  #make(endpoint: Endpoint, subresource: string): FieldManager {
    const { apiVersion, kind, custom } = endpoint;
    const inVersion = (other: string): Endpoint | undefined => {
      if (other === apiVersion) return endpoint;
      const { group, version } = groupVersion(other);
      return this.#endpoint(group, version, endpoint.resource);
    };
    const hasStatus = endpoint.subresources.some(({ name }) => name === 'status');
    return new FieldManager(
      { clock: this.#clock },
      {
        apiVersion,
        kind,
        subresource,
        schema: (version) => inVersion(version)?.schema,
        convert: (object, version) => {
          const stored = endpoint.codec.toStored(clone(object) as ServerObject);
          return inVersion(version)?.codec.fromStored(stored) ?? { ...object, apiVersion: version };
        },
        empty: endpoint.codec.empty({}),
        filter: (version) => {
          if (!custom) return builtinFieldFilter(endpoint.group, endpoint.resource, subresource);
          return version === apiVersion ? customFieldFilter(hasStatus, subresource) : undefined;
        },
      },
    );
  }
}

/** A write whose fields are to be attributed. */
export interface TrackedWrite {
  /** What is stored; undefined when the object is new. */
  readonly live: ServerObject | undefined;
  /** What will be stored. */
  readonly object: ServerObject;
  readonly manager: string;
  readonly subresource: string;
}

/** Attributes what a write changes to its manager. The result shares parts with the object. */
export function trackWrite(
  services: Services,
  endpoint: Endpoint,
  { live, object, manager, subresource }: TrackedWrite,
): ServerObject {
  return services.fieldManagers.of(endpoint, subresource).update(live, object, manager) as ServerObject;
}
