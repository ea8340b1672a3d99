import { equal } from '@bowline/apimachinery';
import type { TypeSchema } from '../schema/index.ts';
import { type Comparison, compareTyped } from './compare.ts';
import { Conflicts } from './conflict.ts';
import { fieldSetOf } from './field-set.ts';
import type { Manager, Managers } from './managers.ts';
import { mergeTyped } from './merge.ts';
import { PathSet } from './path-set.ts';
import { reconcileWithSchema } from './reconcile.ts';
import { removePaths } from './remove.ts';

/** An object in one version, with its type. */
export interface Typed {
  readonly apiVersion: string;
  readonly type: TypeSchema;
  readonly value: unknown;
}

/** Which fields an endpoint lets its callers own, by version of the object: the others are not theirs to set. */
export type FieldFilter = (fields: PathSet) => PathSet;

/** What the updater needs of the versions of a kind. */
export interface Versions {
  /** The object in another version; undefined when that is no longer served. */
  convert(object: Typed, apiVersion: string): Typed | undefined;
  readonly filter: (apiVersion: string) => FieldFilter | undefined;
}

/**
 * Keeps account of who owns what while an object changes.
 *
 * @see sigs.k8s.io/structured-merge-diff merge/update.go
 */
export class Updater {
  readonly #versions: Versions;

  constructor(versions: Versions) {
    this.#versions = versions;
  }

  /** Who owns what once `live` has become `updated` by the hand of `self`: what it changed is its own, and nobody else's. */
  update(live: Typed, updated: Typed, managers: Managers, self: string, own: Omit<Manager, 'fields'>): Managers {
    const current = this.#reconcile(live, managers);
    const comparison = this.#take(live, updated, current, self, true);
    const before = current.get(self)?.fields ?? PathSet.of();
    const changed = before.difference(comparison.removed).union(comparison.modified).union(comparison.added);
    const fields = this.#filtered(updated.apiVersion, changed);
    if (fields.isEmpty) current.delete(self);
    else current.set(self, { ...own, fields });
    return current;
  }

  /**
   * Applies `config` to `live` by the hand of `self`.
   *
   * @returns the merged object, undefined when it is equal to `live`, and who owns what then.
   * @throws {Conflicts} when the configuration changes what others own, unless `force` is set.
   */
  apply(
    live: Typed,
    config: Typed,
    managers: Managers,
    self: string,
    own: Omit<Manager, 'fields'>,
    force: boolean,
  ): { readonly object: unknown; readonly managers: Managers } {
    const current = this.#reconcile(live, managers);
    const merged: Typed = { ...live, value: mergeTyped(live.type, live.value, config.value) };
    const last = current.get(self);
    const fields = this.#filtered(config.apiVersion, fieldSetOf(config.type, config.value));
    current.set(self, { ...own, fields });
    const pruned = this.#prune(merged, current, self, last);
    this.#take(live, pruned, current, self, force);
    return { object: equal(live.value, pruned.value) ? undefined : pruned.value, managers: current };
  }

  #filtered(apiVersion: string, fields: PathSet): PathSet {
    return this.#versions.filter(apiVersion)?.(fields) ?? fields;
  }

  /** Drops managers of versions that are no longer served, and brings the others up to date with the schema. */
  #reconcile(live: Typed, managers: Managers): Managers {
    const result: Managers = new Map();
    for (const [identity, manager] of managers) {
      const converted = this.#versions.convert(live, manager.apiVersion);
      if (converted === undefined) continue;
      const fields = reconcileWithSchema(converted.type, manager.fields);
      result.set(identity, fields === manager.fields ? manager : { ...manager, fields });
    }
    return result;
  }

  /** Takes from all others what changes, or fails if that must not be. Changes `managers`. */
  #take(live: Typed, updated: Typed, managers: Managers, self: string, force: boolean): Comparison {
    const comparisons = new Map<string, Comparison>();
    const own = this.#compare(live, updated);
    comparisons.set(live.apiVersion, own);
    const lost = new Map<string, { readonly owner: Manager; readonly fields: PathSet }>();
    const removed = new Map<string, PathSet>();
    for (const [identity, manager] of managers) {
      if (identity === self) continue;
      let comparison = comparisons.get(manager.apiVersion);
      if (comparison === undefined) {
        const before = this.#versions.convert(live, manager.apiVersion);
        const after = this.#versions.convert(updated, manager.apiVersion);
        if (before === undefined || after === undefined) {
          managers.delete(identity);
          continue;
        }
        comparison = this.#compare(before, after);
        comparisons.set(manager.apiVersion, comparison);
      }
      const fields = manager.fields.intersection(comparison.modified.union(comparison.added));
      if (!fields.isEmpty) lost.set(identity, { owner: manager, fields });
      if (!comparison.removed.isEmpty) removed.set(identity, comparison.removed);
    }
    if (!force && lost.size > 0) throw Conflicts.of(lost);
    for (const [identity, manager] of [...managers]) {
      let { fields } = manager;
      const taken = lost.get(identity);
      const gone = removed.get(identity);
      if (taken !== undefined) fields = fields.difference(taken.fields);
      if (gone !== undefined) fields = fields.difference(gone);
      if (fields.isEmpty) managers.delete(identity);
      else if (fields !== manager.fields) managers.set(identity, { ...manager, fields });
    }
    return own;
  }

  #compare(before: Typed, after: Typed): Comparison {
    const { removed, modified, added } = compareTyped(before.type, before.value, after.value);
    const filter = this.#versions.filter(before.apiVersion);
    return filter === undefined
      ? { removed, modified, added }
      : { removed: filter(removed), modified: filter(modified), added: filter(added) };
  }

  /** Removes what `self` applied last time, does not apply now, and nobody else owns. */
  #prune(merged: Typed, managers: Managers, self: string, last: Manager | undefined): Typed {
    if (last === undefined || last.fields.isEmpty) return merged;
    const converted = this.#versions.convert(merged, last.apiVersion);
    if (converted === undefined) return merged;
    const { type } = converted;
    let pruned: Typed = { ...converted, value: removePaths(type, converted.value, last.fields.withNamedFields(type)) };
    pruned = this.#keepOwned(converted, pruned, managers);
    pruned = this.#keepOthers(converted, pruned, last);
    return this.#versions.convert(pruned, managers.get(self)?.apiVersion ?? merged.apiVersion) ?? pruned;
  }

  /** Puts back what somebody owns, in any version. */
  #keepOwned(merged: Typed, pruned: Typed, managers: Managers): Typed {
    const ownedAt = new Map<string, PathSet>();
    for (const { apiVersion, fields } of managers.values()) {
      ownedAt.set(apiVersion, ownedAt.get(apiVersion)?.union(fields) ?? fields);
    }
    // The version that was pruned comes first: conversion may need what was taken away.
    const versions = [...ownedAt.keys()].sort(
      (a, b) => Number(b === merged.apiVersion) - Number(a === merged.apiVersion),
    );
    let whole = merged;
    let result = pruned;
    for (const apiVersion of versions) {
      const wholeAt = this.#versions.convert(whole, apiVersion);
      const resultAt = this.#versions.convert(result, apiVersion);
      if (wholeAt === undefined || resultAt === undefined) continue;
      const { type } = wholeAt;
      const all = fieldSetOf(type, wholeAt.value).withNamedFields(type);
      const left = fieldSetOf(type, resultAt.value).withNamedFields(type);
      const owned = (ownedAt.get(apiVersion) ?? PathSet.of()).withNamedFields(type);
      whole = wholeAt;
      result = { ...wholeAt, value: removePaths(type, wholeAt.value, all.difference(left.union(owned))) };
    }
    return result;
  }

  /** Puts back what fell away with a removed parent, but was not among what was applied last time. */
  #keepOthers(merged: Typed, pruned: Typed, last: Manager): Typed {
    const converted = this.#versions.convert(pruned, last.apiVersion);
    if (converted === undefined) return merged;
    const { type } = merged;
    const left = fieldSetOf(type, converted.value).withNamedFields(type);
    const all = fieldSetOf(type, merged.value).withNamedFields(type);
    const applied = last.fields.withNamedFields(type);
    return { ...merged, value: removePaths(type, merged.value, all.difference(left).intersection(applied)) };
  }
}
