import { compareBytes, type StatusCause, type StatusError, statusError } from '@bowline/apimachinery';
import type { Manager } from './managers.ts';
import { formatPath, type Path } from './path-element.ts';
import type { PathSet } from './path-set.ts';

/** A field that somebody else owns, and that an applied configuration would change. */
export interface Conflict {
  /** Identity of the owner. */
  readonly identity: string;
  readonly owner: Manager;
  readonly path: Path;
}

/** An applied configuration would change what others own. */
export class Conflicts extends Error {
  override readonly name = 'Conflicts';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(`${conflicts.length} conflicts`);
    this.conflicts = conflicts;
  }

  /** Conflicts by what each owner would lose, sorted by owner. */
  static of(lost: ReadonlyMap<string, { readonly owner: Manager; readonly fields: PathSet }>): Conflicts {
    const sorted = [...lost].sort(([a], [b]) => compareBytes(a, b));
    return new Conflicts(
      sorted.flatMap(([identity, { owner, fields }]) => [...fields.paths()].map((path) => ({ identity, owner, path }))),
    );
  }

  /** What the client is told: 409, with a cause per field. @see k8s.io/apimachinery pkg/util/managedfields/internal/conflict.go */
  toStatus(): StatusError {
    const causes: StatusCause[] = this.conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describe(owner)}`,
      field: formatPath(path),
    }));
    return statusError({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.#message(),
      reason: 'Conflict',
      details: { causes },
      code: 409,
    });
  }

  #message(): string {
    const [only] = this.conflicts;
    if (this.conflicts.length === 1 && only !== undefined) {
      return `Apply failed with 1 conflict: conflict with ${describe(only.owner)}: ${formatPath(only.path)}`;
    }
    const lines: string[] = [];
    let last: string | undefined;
    for (const { identity, owner, path } of this.conflicts) {
      if (identity !== last) lines.push(`conflicts with ${describe(owner)}:`);
      last = identity;
      lines.push(`- ${formatPath(path)}`);
    }
    return `Apply failed with ${this.conflicts.length} conflicts: ${lines.join('\n')}`;
  }
}

function describe({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
