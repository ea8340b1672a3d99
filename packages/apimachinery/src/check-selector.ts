import { describeValue } from './check-words.ts';

/**
 * The selector that an option holds: text is parsed, what is a selector already stays.
 *
 * @param type `LabelSelector` or `FieldSelector`.
 * @throws {RangeError} `Cannot <action>: <field> must be a selector …, got <value>; <what is wrong, and where>`. Its cause is the `SelectorError`.
 */
export function selectorOf<S extends object>(
  action: string,
  field: string,
  selector: string | S,
  type: { parse(text: string): S },
): S {
  if (typeof selector !== 'string') return selector;
  try {
    return type.parse(selector);
  } catch (cause) {
    const rule = "a selector in kubectl's syntax";
    const reason = cause instanceof Error ? `; ${cause.message}` : '';
    throw new RangeError(`Cannot ${action}: ${field} must be ${rule}, got ${describeValue(selector)}${reason}`, {
      cause,
    });
  }
}
