import { groupVersion, isJsonObject } from '@bowline/apimachinery';
import { checkValue, describeValue, rules } from '@bowline/apimachinery/arguments';

/**
 * Any way to name a resource: `deploy`, `deployments`, `deployment`, `Deployment`, `deployments.apps`, `deployments.v1.apps`, `apps/v1/deployments`,
 * an object's `{ apiVersion, kind }`, a GVK or GVR (group and version may be left out; the group `''` is the core group), a handle.
 */
export type Spelling =
  | string
  | { readonly apiVersion: string; readonly kind: string }
  | { readonly group?: string | undefined; readonly version?: string | undefined; readonly kind: string }
  | { readonly group?: string | undefined; readonly version?: string | undefined; readonly resource: string };

/** One reading of a spelling. */
export interface Reading {
  readonly word: string;
  /** What the word can be. */
  readonly as: 'any' | 'kind' | 'resource';
  /** Undefined: any group. */
  readonly group?: string | undefined;
  /** Undefined: any version, the preferred one first. */
  readonly version?: string | undefined;
  /** A beginning of the group's name will do (`ingresses.networking`). */
  readonly groupPrefix: boolean;
}

/**
 * What a spelling can mean, likeliest first.
 *
 * @throws {TypeError} when it names nothing.
 * @see k8s.io/apimachinery runtime/schema `ParseResourceArg`, `ParseKindArg`
 */
export function readingsOf(spelling: Spelling): Reading[] {
  if (typeof spelling === 'string') return readingsOfText(spelling);
  if (!isJsonObject(spelling))
    throw new TypeError(
      `Cannot resolve resource: spelling must be a string, or an object with kind or resource, got ${describeValue(spelling)}`,
    );
  for (const part of ['apiVersion', 'group', 'version', 'kind', 'resource']) {
    const value: unknown = Reflect.get(spelling, part);
    if (value !== undefined) checkValue('resolve resource', `spelling.${part}`, value, rules.string);
  }
  const gv = 'apiVersion' in spelling && spelling.apiVersion ? groupVersion(spelling.apiVersion) : spelling;
  const { group, version } = gv as { group?: string | undefined; version?: string | undefined };
  const isResource = 'resource' in spelling && Boolean(spelling.resource);
  const word = isResource ? spelling.resource : 'kind' in spelling ? spelling.kind : '';
  if (!word)
    throw new TypeError(`Cannot resolve resource: kind or resource must be set, got ${describeValue(spelling)}`);
  return [{ word, as: isResource ? 'resource' : 'kind', group, version: version || undefined, groupPrefix: false }];
}

function readingsOfText(text: string): Reading[] {
  const trimmed = text.trim();
  if (trimmed.includes('/')) {
    const cut = trimmed.lastIndexOf('/');
    const word = trimmed.slice(cut + 1);
    if (word === '') throw nothing(text);
    return [{ word, as: 'any', ...groupVersion(trimmed.slice(0, cut)), groupPrefix: false }];
  }
  const [word = '', second, ...rest] = trimmed.split('.');
  if (word === '') throw nothing(text);
  if (second === undefined) return [{ word, as: 'any', groupPrefix: false }];
  const readings: Reading[] = [];
  if (rest.length > 0) readings.push({ word, as: 'any', version: second, group: rest.join('.'), groupPrefix: false });
  readings.push({ word, as: 'any', group: [second, ...rest].join('.'), groupPrefix: true });
  if (rest.length === 0 && /^v\d/.test(second)) readings.push({ word, as: 'any', version: second, groupPrefix: false });
  return readings;
}

function nothing(text: string): TypeError {
  return new TypeError(`Cannot resolve resource: spelling must name a kind or resource, got ${describeValue(text)}`);
}

/** How a spelling is quoted in messages. */
export function formatSpelling(spelling: Spelling): string {
  if (typeof spelling === 'string') return describeValue(spelling);
  const { apiVersion, group, version, kind, resource } = spelling as Partial<Record<string, string>>;
  const word = resource ?? kind;
  const place = apiVersion ?? [group, version].filter(Boolean).join('/');
  return place ? `"${word}" in "${place}"` : `"${word}"`;
}
