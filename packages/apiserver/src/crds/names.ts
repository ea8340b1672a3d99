import type { CustomResourceDefinitionNames } from '@bowline/api/apiextensions/v1';
import { equal } from '@bowline/apimachinery';
import { quote } from '../go-format.ts';
import { conditionOf, type Definition, type NewCondition } from './definition.ts';

/** What became of the names that a definition asks for. */
export interface NamesVerdict {
  readonly accepted: CustomResourceDefinitionNames;
  readonly namesAccepted: NewCondition;
  readonly established: NewCondition;
}

/** The names that the definitions of a group have. */
class TakenNames {
  readonly #resources = new Set<string>();
  readonly #kinds = new Set<string>();

  constructor(group: string, definitions: Iterable<Definition>) {
    for (const { spec, status } of definitions) {
      if (spec.group !== group) continue;
      const { plural, singular = '', shortNames = [], kind, listKind = '' } = status.acceptedNames ?? none;
      for (const name of [plural, singular, ...shortNames]) this.#resources.add(name);
      for (const name of [kind, listKind]) this.#kinds.add(name);
    }
  }

  /** Why a name cannot be had; undefined when it can. */
  problem(wanted: string, accepted: string, of: 'resources' | 'kinds'): string | undefined {
    if (wanted === accepted) return undefined;
    const taken = of === 'resources' ? this.#resources : this.#kinds;
    return taken.has(wanted) ? `${quote(wanted)} is already in use` : undefined;
  }
}

const none: CustomResourceDefinitionNames = { plural: '', kind: '' };

/** Names that are the same whatever is left out. */
function normal(names: CustomResourceDefinitionNames): unknown {
  const { plural, singular = '', shortNames = [], kind, listKind = '', categories = [] } = names;
  return { plural, singular, shortNames, kind, listKind, categories };
}

/**
 * Gives a definition the names that it asks for, as far as no other of its group has them.
 *
 * @returns undefined when it has them already.
 * @see k8s.io/apiextensions-apiserver pkg/controller/status/naming_controller.go
 */
export function judgeNames(crd: Definition, all: Iterable<Definition>): NamesVerdict | undefined {
  const wanted = crd.spec.names;
  const has = crd.status.acceptedNames ?? none;
  if (equal(normal(wanted), normal(has))) return undefined;
  const taken = new TakenNames(crd.spec.group, all);
  const accepted = { ...has };
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const decide = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string): void => {
    const of = field === 'plural' || field === 'singular' ? 'resources' : 'kinds';
    const message = taken.problem(wanted[field] ?? '', has[field] ?? '', of);
    if (message === undefined) assign(accepted, field, wanted[field]);
    else conflict = { reason, message };
  };
  decide('plural', 'PluralConflict');
  decide('singular', 'SingularConflict');
  const message = shortNamesProblem(wanted.shortNames ?? [], has.shortNames ?? [], taken);
  if (message === undefined) assign(accepted, 'shortNames', wanted.shortNames);
  else conflict = { reason: 'ShortNamesConflict', message };
  decide('kind', 'KindConflict');
  decide('listKind', 'ListKindConflict');
  assign(accepted, 'categories', wanted.categories);
  return { accepted, ...verdict(crd, conflict) };
}

function assign<K extends keyof CustomResourceDefinitionNames>(
  names: CustomResourceDefinitionNames,
  field: K,
  value: CustomResourceDefinitionNames[K] | undefined,
): void {
  const target = names as { -readonly [F in K]?: CustomResourceDefinitionNames[F] | undefined };
  if (value === undefined) delete target[field];
  else target[field] = value;
}

function shortNamesProblem(wanted: readonly string[], has: readonly string[], taken: TakenNames): string | undefined {
  if (equal(wanted, has)) return undefined;
  const problems = wanted.flatMap((name) => (has.includes(name) ? [] : (taken.problem(name, '', 'resources') ?? [])));
  if (problems.length === 0) return undefined;
  const texts = [...new Set(problems)];
  return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
}

function verdict(
  crd: Definition,
  conflict: { readonly reason: string; readonly message: string } | undefined,
): Pick<NamesVerdict, 'namesAccepted' | 'established'> {
  const namesAccepted: NewCondition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  const before = conditionOf(crd, 'Established');
  if (before?.status === 'True' || (before !== undefined && conflict !== undefined)) {
    const { status, reason = '', message = '' } = before;
    const type = 'Established';
    return { namesAccepted, established: { type, status: status as NewCondition['status'], reason, message } };
  }
  const established: NewCondition =
    conflict === undefined
      ? {
          type: 'Established',
          status: 'False',
          reason: 'Installing',
          message: 'the initial names have been accepted',
        }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  return { namesAccepted, established };
}
