/** More than any schema has that somebody wrote. */
const MOST_LEVELS = 500;

/**
 * @param field What messages call the schema; empty when it has no name.
 * @throws {TypeError} for a schema that contains itself, or is nested so deeply that it might as well.
 */
export function checkNesting(action: string, field: string, schema: unknown): void {
  /** What is held in several places is looked at again only where that is deeper. */
  const deepest = new Map<object, number>();
  const visit = (value: unknown, level: number): void => {
    if (typeof value !== 'object' || value === null || (deepest.get(value) ?? -1) >= level) return;
    if (level > MOST_LEVELS) {
      throw new TypeError(
        `Cannot ${action}: ${field || 'it'} must not contain itself, got more than ${MOST_LEVELS} levels`,
      );
    }
    deepest.set(value, level);
    for (const member of Object.values(value)) visit(member, level + 1);
  };
  visit(schema, 0);
}
