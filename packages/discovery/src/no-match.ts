import { formatGroupResource } from '@bowline/apimachinery';
import type { Resource, Snapshot } from './resource.ts';
import { formatSpelling, type Spelling } from './spelling.ts';

/** What a user is told whose spelling fits nothing. */
export function noMatchMessage(spelling: Spelling, candidates: readonly Resource[], { failures }: Snapshot): string {
  const names = candidates.map((candidate) => `"${nameLike(spelling, candidate)}"`).join(', ');
  const unread = [...failures.keys()].join(', ');
  return [
    `The server has no resource ${formatSpelling(spelling)}`,
    ...(names ? [`did you mean ${names}?`] : []),
    ...(unread ? [`it could not be looked for in ${unread}`] : []),
  ].join('; ');
}

/** Names a resource in the way that the user named another. */
function nameLike(spelling: Spelling, { apiVersion, group, version, kind, resource }: Resource): string {
  if (typeof spelling !== 'string') return `${apiVersion} ${'resource' in spelling ? resource : kind}`;
  const withVersion = spelling.includes('/') || /\.v\d/.test(spelling);
  return withVersion ? `${resource}.${version}.${group}` : formatGroupResource({ group, resource });
}
