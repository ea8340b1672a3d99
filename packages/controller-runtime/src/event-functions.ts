import { checkOptions, checkValue, type OptionRules, rules } from '@bowline/apimachinery/arguments';

/** Something with functions for types of events: a handler or a predicate. */
type EventFunctions = { readonly [type in 'create' | 'update' | 'delete']?: unknown };

const functionRules: OptionRules<EventFunctions> = {
  create: rules.function,
  update: rules.function,
  delete: rules.function,
};
const aHandler =
  'a handler (an object with create, update or delete; enqueueRequestsFromMapFunc makes one of a function)';
const aPredicate = 'a predicate (an object with create, update or delete; predicate.filter makes one of a function)';

/** @throws {TypeError} when it is no handler: one without any function would do nothing. */
export function checkHandler(action: string, field: string, handler: unknown): void {
  checkFunctions(action, field, handler, { text: aHandler, least: 1 });
}

/** @throws {TypeError} when it is no predicate. */
export function checkPredicate(action: string, field: string, predicate: unknown): void {
  checkFunctions(action, field, predicate, { text: aPredicate, least: 0 });
}

/** @throws {TypeError} when they are no list of predicates; it names the wrong one by its place. */
export function checkPredicates(action: string, field: string, predicates: unknown): void {
  checkValue(action, field, predicates, rules.array);
  for (const [index, each] of (predicates as readonly unknown[]).entries()) {
    checkPredicate(action, `${field}[${index}]`, each);
  }
}

/** A literal has nothing but the functions; an object of a class may have other members, and has one of them at least. */
function checkFunctions(
  action: string,
  field: string,
  value: unknown,
  { text, least }: { readonly text: string; readonly least: number },
): void {
  checkValue(action, field, value, { ...rules.object, text });
  const object = value as EventFunctions;
  const isLiteral = [Object.prototype, null].includes(Object.getPrototypeOf(object));
  const { create, update, delete: remove } = object;
  const functions: EventFunctions = { create, update, delete: remove };
  checkOptions<EventFunctions>(action, isLiteral ? object : functions, functionRules, field);
  const count = Object.values(functions).filter((each) => each !== undefined).length;
  const isEnough = count >= (isLiteral ? least : 1);
  checkValue(action, field, value, { text, problem: () => (isEnough ? undefined : 'type') });
}
