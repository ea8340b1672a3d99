import { parseLabelSelector } from './label-parser.ts';
import {
  canonicalRequirement,
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  meetsRequirement,
  requirementProblem,
} from './label-requirement.ts';
import type { StringMap } from './object.ts';
import { SelectorError } from './selector-error.ts';

/** One expression of a selector in an object. @see k8s.io/apimachinery meta/v1 `LabelSelectorRequirement` */
export interface LabelSelectorExpression {
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** A selector as it stands in an object: `spec.selector` of a Deployment. @see k8s.io/apimachinery meta/v1 `LabelSelector` */
export interface LabelSelectorSource {
  readonly matchLabels?: StringMap | undefined;
  readonly matchExpressions?: readonly LabelSelectorExpression[] | undefined;
}

const expressionOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

const noLabels: StringMap = Object.freeze({});

/**
 * Selects objects by their labels: all of its requirements must be met. Immutable.
 *
 * @example
 * ```ts
 * import { LabelSelector } from '@bowline/apimachinery';
 *
 * const selector = LabelSelector.parse('tier in (web, api), !canary');
 * selector.matches({ tier: 'web' }); // true
 * selector.toString(); // '!canary,tier in (api,web)'
 * ```
 * @see k8s.io/apimachinery labels `Selector`
 */
export class LabelSelector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];

  /** @throws {SelectorError} `APIMACHINERY_SELECTOR_INVALID` when a requirement is not valid. */
  constructor(requirements: readonly LabelRequirement[] = []) {
    this.requirements = Object.freeze(
      requirements
        .map(({ key, operator, values }) => {
          const requirement = canonicalRequirement(key, operator, values);
          const problem = requirementProblem(requirement);
          if (problem) throw new SelectorError(problem);
          return requirement;
        })
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    );
    Object.freeze(this);
  }

  /** Matches every object. Prints as `''`. */
  static get everything(): LabelSelector {
    return everything;
  }

  /** Matches no object. Unlike upstream's it prints as what it is (a contradiction), so that it stays so on its way through a server. */
  static get nothing(): LabelSelector {
    return nothing;
  }

  /**
   * Reads kubectl's syntax: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, joined by commas.
   * The empty text selects everything.
   *
   * @throws {SelectorError} `APIMACHINERY_SELECTOR_INVALID`, naming the position.
   */
  static parse(text: string): LabelSelector {
    return new LabelSelector(parseLabelSelector(text));
  }

  /**
   * The selector of an object. An empty one selects everything, an absent one nothing.
   *
   * @throws {SelectorError} `APIMACHINERY_SELECTOR_INVALID` for an unknown operator, wrong values, invalid keys.
   */
  static from(source: LabelSelectorSource | null | undefined): LabelSelector {
    if (source === undefined || source === null) return nothing;
    const labels = Object.entries(source.matchLabels ?? {}).map(([key, value]) =>
      canonicalRequirement(key, '=', [value]),
    );
    const expressions = (source.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
      const known = expressionOperators.get(operator);
      if (!known) throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
      return canonicalRequirement(key, known, values ?? []);
    });
    return new LabelSelector([...labels, ...expressions]);
  }

  /** Whether there is no requirement, so that everything matches. */
  get isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /** Whether labels meet all requirements. Absent labels are no labels. O(requirements). */
  matches(labels: StringMap | undefined): boolean {
    const present = labels ?? noLabels;
    return this.requirements.every((requirement) => meetsRequirement(requirement, present));
  }

  /** The canonical text: requirements sorted by key, values sorted. `parse` reads it back. */
  toString(): string {
    return this.requirements.map(formatRequirement).join(',');
  }
}

const everything = new LabelSelector();
const nothing = new LabelSelector([
  { key: 'nothing', operator: '!', values: [] },
  { key: 'nothing', operator: 'exists', values: [] },
]);
