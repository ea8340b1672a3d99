import type { ObjectOf } from '@bowline/apimachinery';
import { defineCrd, s } from '@bowline/crd';

/** A repository whose branch is built. Its name is the repository's. */
export const Repository = defineCrd({
  group: 'ci.example.com',
  version: 'v1',
  kind: 'Repository',
  plural: 'repositories',
  spec: s.object({ branch: s.string().default('main') }),
  status: s.object({ builtCommit: s.string().optional() }),
});
export type Repository = ObjectOf<typeof Repository>;
