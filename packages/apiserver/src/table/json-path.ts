/**
 * The part of kubectl's JSONPath that custom resources may use for columns and selectable fields: fields (`.spec.size`,
 * `['a.b']`, `.a\.b`), indexes and slices (`[0]`, `[-1]`, `[1:3]`), wildcards (`[*]`, `.*`), recursive descent (`..name`) and
 * comparisons (`[?(@.type=="Ready")]`).
 *
 * @see k8s.io/client-go util/jsonpath
 */
export interface JsonPath {
  /** The values that the path selects, in document order. */
  find(value: unknown): readonly unknown[];
}

type Step = (values: readonly unknown[]) => readonly unknown[];

/** @throws {SyntaxError} that names the position of what is wrong. */
export function parseJsonPath(text: string): JsonPath {
  const steps = new Parser(text).path();
  return { find: (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const children = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
const own = (value: unknown, field: string): readonly unknown[] =>
  isObject(value) && Object.hasOwn(value, field) ? [value[field]] : [];
const field =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => own(value, name));
const wildcard: Step = (values) => values.flatMap(children);
const descendants = (value: unknown): readonly unknown[] => [value, ...children(value).flatMap(descendants)];

/** `[start:end]`, or one index when `end` is absent and there was no colon. Negative counts from the end. */
function slice(start: number | undefined, end: number | undefined, single: boolean): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      if (!single) return value.slice(start, end);
      const index = start === undefined || start >= 0 ? (start ?? 0) : value.length + start;
      return index in value ? [value[index]] : [];
    });
}

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => typeof a === typeof b && (a as number) < (b as number),
  '<=': (a, b) => typeof a === typeof b && (a as number) <= (b as number),
  '>': (a, b) => typeof a === typeof b && (a as number) > (b as number),
  '>=': (a, b) => typeof a === typeof b && (a as number) >= (b as number),
};

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): readonly Step[] {
    const steps: Step[] = [];
    this.#match(/\$/y);
    while (this.#at < this.#text.length) steps.push(this.#step());
    if (steps.length === 0) throw this.#error('a path');
    return steps;
  }

  #step(): Step {
    if (this.#match(/\.\./y)) {
      const next = this.#text[this.#at] === '[' ? this.#bracket() : this.#name();
      return (values) => next(values.flatMap(descendants));
    }
    if (this.#text[this.#at] === '[') return this.#bracket();
    if (!this.#match(/\./y)) throw this.#error('"." or "["');
    return this.#text[this.#at] === '[' ? this.#bracket() : this.#name();
  }

  #name(): Step {
    if (this.#match(/\*/y)) return wildcard;
    const name = this.#match(/(?:\\.|[^\\.[\]()\s'"?@])+/y);
    if (!name) throw this.#error('a field name');
    return field(name[0].replaceAll(/\\(.)/g, '$1'));
  }

  #bracket(): Step {
    if (this.#match(/\[\*\]/y)) return wildcard;
    const quoted = this.#match(/\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/y);
    if (quoted) return field((quoted[1] ?? quoted[2] ?? '').replaceAll(/\\(.)/g, '$1'));
    const range = this.#match(/\[(-?\d+)?(?:(:)(-?\d+)?)?\]/y);
    if (range && (range[1] !== undefined || range[2] !== undefined)) {
      const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
      return slice(number(range[1]), number(range[3]), range[2] === undefined);
    }
    const filter = this.#match(
      /\[\?\(\s*@((?:\.|\[)[^=!<>\s]*?)\s*(?:(==|!=|<=|>=|<|>)\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s)]+)\s*)?\)\]/y,
    );
    if (!filter) throw this.#error('an index, a slice, a quoted field, "*" or a filter');
    const [, path = '', operator, literal] = filter;
    const wanted = parseJsonPath(path);
    if (operator === undefined || literal === undefined) {
      return (values) => values.flatMap(children).filter((value) => wanted.find(value).length > 0);
    }
    const expected = literalValue(literal);
    const compare = comparisons[operator];
    return (values) =>
      values.flatMap(children).filter((value) => wanted.find(value).some((found) => compare?.(found, expected)));
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #error(expected: string): SyntaxError {
    return new SyntaxError(`Cannot parse JSONPath "${this.#text}": at position ${this.#at} must be ${expected}`);
  }
}

function literalValue(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
