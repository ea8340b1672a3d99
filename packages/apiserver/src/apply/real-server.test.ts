import {
  applyJsonPatch,
  applyMergePatch,
  equal,
  isJsonObject,
  type JsonPatchOperation,
  StatusError,
} from '@bowline/apimachinery';
import { describe, expect, test } from 'vitest';
import { type RecordedScenario, type RecordedStep, recordedApply } from '../data/apply.ts';
import { applyStrategicMergePatch } from '../patch/index.ts';
import { builtinSchema, crdSchema, emptyBuiltin, readBuiltin, type TypeSchema } from '../schema/index.ts';
import type { ApiObject } from './field-manager.ts';
import {
  builtinFieldFilter,
  customFieldFilter,
  FieldManager,
  keepUnchangedTimes,
  parentManagedFields,
  scaleManagedFields,
} from './index.ts';

const { schema: widgetSchema, scenarios } = recordedApply();
const widget = crdSchema(widgetSchema);
const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** Plays a scenario that the real server was sent, one step at a time, always from the real server's object. */
class Replay {
  readonly #scenario: RecordedScenario;
  readonly #custom: boolean;
  live: ApiObject | undefined;

  constructor(scenario: RecordedScenario) {
    this.#scenario = scenario;
    this.#custom = scenario.kind.group === 'ex.io';
  }

  /** What we make of a step: the object, or the status of the error. */
  run(step: RecordedStep, now: number): { readonly object?: ApiObject; readonly error?: unknown } {
    try {
      return { object: step.subresource === 'scale' ? this.#scale(step, now) : this.#main(step, now) };
    } catch (error) {
      if (error instanceof StatusError) return { error: error.status };
      throw error;
    }
  }

  /** Whether the server itself refuses the result, after merging. */
  fits(object: ApiObject): ApiObject {
    return this.#custom ? object : readBuiltin(this.#scenario.kind, object, { from: 'merge' }).object;
  }

  #versions(version: string): { apiVersion: string; schema: (apiVersion: string) => TypeSchema | undefined } {
    const { group, kind } = this.#scenario.kind;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    if (this.#custom)
      return { apiVersion, schema: (at) => (at === 'ex.io/v1' || at === 'ex.io/v2' ? widget : undefined) };
    return { apiVersion, schema: (at) => (at === apiVersion ? builtinSchema({ group, version, kind }) : undefined) };
  }

  #main(step: RecordedStep, now: number): ApiObject {
    const { group, kind, version, resource } = this.#scenario.kind;
    const subresource = step.subresource ?? '';
    const { apiVersion, schema } = this.#versions(step.version ?? version);
    const filter = this.#custom
      ? customFieldFilter(true, subresource)
      : builtinFieldFilter(group, resource, subresource);
    const manager = new FieldManager(
      { clock: { now: () => now } },
      {
        apiVersion,
        kind,
        subresource,
        schema,
        empty: this.#custom ? { apiVersion, kind } : emptyBuiltin({ group, version, kind }),
        filter: (at) => (at === apiVersion || !this.#custom ? filter : undefined),
      },
    );
    const live = this.live === undefined ? undefined : { ...this.live, apiVersion };
    if (step.do === 'apply') {
      return manager.apply(live, step.body as ApiObject, { manager: step.manager, force: step.force === true });
    }
    return manager.update(live, { ...this.#updated(step), apiVersion }, step.manager);
  }

  /** What the request makes of the object: the real server's result, with the entries that were sent. */
  #updated(step: RecordedStep): ApiObject {
    const sent = metadataOf(this.#sent(step)).managedFields;
    const after = step.object ?? {};
    const { managedFields: _, ...metadata } = metadataOf(after);
    const spec = step.do === 'create' && isJsonObject(after.spec) ? { spec: withoutAdmitted(after.spec) } : {};
    return { ...after, ...spec, metadata: sent === undefined ? metadata : { ...metadata, managedFields: sent } };
  }

  #sent(step: RecordedStep): ApiObject {
    const live = this.live ?? {};
    switch (step.do) {
      case 'merge':
        return applyMergePatch(live, step.body) as ApiObject;
      case 'json':
        return applyJsonPatch(live, step.body as JsonPatchOperation[]) as ApiObject;
      case 'strategic':
        return applyStrategicMergePatch(this.#scenario.kind, live, step.body as ApiObject);
      default:
        return step.body as ApiObject;
    }
  }

  /** The scale is an object of its own, whose entries are made from the object's and put back into them. */
  #scale(step: RecordedStep, now: number): ApiObject {
    const live = this.live ?? {};
    const replicas = (apiVersion: string): string[] | undefined =>
      apiVersion === 'apps/v1' ? ['spec', 'replicas'] : undefined;
    const entries = metadataOf(live).managedFields;
    const scaleOf = (object: ApiObject): ApiObject => ({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: {
        name: 'subject',
        namespace: 'default',
        uid: 'u',
        managedFields: scaleManagedFields(entries, replicas),
      },
      spec: { replicas: isJsonObject(object.spec) ? object.spec.replicas : 0 },
      status: { replicas: 0 },
    });
    const manager = new FieldManager(
      { clock: { now: () => now } },
      {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        subresource: 'scale',
        schema: (at) => (at === 'autoscaling/v1' ? builtinSchema(scaleKind) : undefined),
        empty: emptyBuiltin(scaleKind),
      },
    );
    const scaled =
      step.do === 'apply'
        ? manager.apply(scaleOf(live), step.body as ApiObject, { manager: step.manager, force: step.force === true })
        : manager.update(scaleOf(live), scaleOf(step.object ?? live), step.manager);
    const managedFields = parentManagedFields(entries, metadataOf(scaled).managedFields, 'apps/v1', replicas);
    const spec = { ...(isJsonObject(live.spec) ? live.spec : {}), replicas: (scaled.spec as ApiObject).replicas };
    return { ...live, spec, metadata: { ...metadataOf(live), managedFields } };
  }
}

/** Admission sets these in Pods after their owners have been noted. */
function withoutAdmitted(spec: ApiObject): ApiObject {
  const { priority, preemptionPolicy, tolerations, ...rest } = spec;
  return rest;
}

function metadataOf(object: ApiObject): ApiObject {
  const metadata = object.metadata;
  return isJsonObject(metadata) ? metadata : {};
}

/** The newest time among the entries: that of the step, if it changed anything. */
function timeOf(step: RecordedStep): number {
  const entries = metadataOf(step.object ?? {}).managedFields;
  const times = Array.isArray(entries) ? entries.map((entry: ApiObject) => Date.parse(String(entry.time ?? 0))) : [];
  return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
}

/** What is in `ours` and not in the real object, or another there. What the server fills in by itself is not looked at. */
function differences(ours: unknown, real: unknown, path = ''): string[] {
  if (ours === null || ours === undefined || ours === '' || ours === 0 || ours === false) return [];
  if (Array.isArray(ours)) {
    if (!Array.isArray(real)) return ours.length === 0 ? [] : [`${path} is missing`];
    if (ours.length !== real.length) return [`${path} has ${ours.length} elements, not ${real.length}`];
    return ours.flatMap((element, index) => differences(element, real[index], `${path}[${index}]`));
  }
  if (!isJsonObject(ours))
    return equal(ours, real) ? [] : [`${path} is ${JSON.stringify(ours)}, not ${JSON.stringify(real)}`];
  if (!isJsonObject(real)) return Object.keys(ours).length === 0 ? [] : [`${path} is missing`];
  return Object.entries(ours).flatMap(([name, member]) => differences(member, real[name], `${path}.${name}`));
}

/** What the object had and has no more, or has no more only in `ours`. */
function pruned(before: unknown, ours: unknown, real: unknown, path = ''): string[] {
  if (!isJsonObject(before)) return [];
  return Object.keys(before).flatMap((name) => {
    const has = (of: unknown): boolean => isJsonObject(of) && of[name] !== undefined && of[name] !== null;
    if (has(ours) !== has(real)) return [`${path}.${name} is ${has(ours) ? 'still there' : 'gone'}`];
    return has(ours)
      ? pruned(before[name], (ours as ApiObject)[name], (real as ApiObject)[name], `${path}.${name}`)
      : [];
  });
}

/** An object without what the server sets by itself, and without the status, which the main endpoint does not set. */
function content(object: ApiObject, step: RecordedStep): ApiObject {
  const { managedFields, uid, resourceVersion, creationTimestamp, generation, namespace, ...metadata } =
    metadataOf(object);
  const { status, apiVersion, ...rest } = object;
  return step.subresource === 'status' ? { status } : { ...rest, metadata };
}

describe.each(scenarios)('FieldManager does what the real server did: $name', (scenario) => {
  const replay = new Replay(scenario);
  test.each(scenario.steps.map((step, index) => ({ index, ...step })))(
    '$index: $do $subresource by $manager',
    (step) => {
      const before = replay.live;
      const { object: ours, error } = replay.run(step, timeOf(step));
      replay.live = step.object ?? before;
      // The result was refused by validation, which comes after merging.
      if (step.code === 422) {
        expect(error).toBeUndefined();
        return;
      }
      if (step.error !== undefined) {
        const lines = (message: string | undefined): string[] | undefined => message?.split('\n').sort();
        const sorted = (causes: readonly ApiObject[] | undefined): string[] | undefined =>
          causes?.map((cause) => JSON.stringify(cause, Object.keys(cause).sort())).sort();
        const refused = error as typeof step.error | undefined;
        expect(lines(refused?.message)).toEqual(lines(step.error.message));
        expect(refused?.reason).toBe(step.error.reason);
        expect(sorted(refused?.details?.causes)).toEqual(sorted(step.error.details?.causes));
        return;
      }
      expect(error).toBeUndefined();
      const real = step.object ?? {};
      const next = keepUnchangedTimes(before ?? {}, ours ?? {});
      const unchanged = before !== undefined && equal(before, real);
      expect(unchanged ? metadataOf(next).managedFields : metadataOf(ours ?? {}).managedFields).toEqual(
        metadataOf(real).managedFields,
      );
      if (step.do === 'apply' && step.subresource !== 'scale') {
        const merged = content(replay.fits(ours ?? {}), step);
        expect(differences(merged, content(real, step))).toEqual([]);
        if (step.subresource === undefined) {
          const wrong = pruned(content(before ?? {}, step), merged, content(real, step));
          // What a built-in kind loses the server may fill in again.
          const known = ['ConfigMap', 'Widget'].includes(scenario.kind.kind);
          expect(known ? wrong : wrong.filter((one) => !one.endsWith('gone'))).toEqual([]);
        }
      }
    },
  );
});
