/** Throws `Cannot <action>: <field> must be <rule>, got <value>`: a `TypeError` for another type, a `RangeError` for a value that is out of range. */
export function check(action: string, field: string, rule: string, value: unknown, isType: false): never;
export function check(
  action: string,
  field: string,
  rule: string,
  value: unknown,
  isType: boolean,
  isRight?: boolean,
): void;
export function check(
  action: string,
  field: string,
  rule: string,
  value: unknown,
  isType: boolean,
  isRight: boolean = true,
): void {
  if (isType && isRight) return;
  throw new (isType ? RangeError : TypeError)(`Cannot ${action}: ${field} must be ${rule}, got ${printed(value)}`);
}

/** Checks a number; `NaN` must not hold. */
export function checkNumber(action: string, field: string, rule: string, value: number, holds: boolean): void {
  check(action, field, rule, value, typeof value === 'number', holds);
}

/** Checks that `value` is a function. */
export function checkFunction(action: string, field: string, value: unknown): void {
  check(action, field, 'a function', value, typeof value === 'function');
}

/** Checks that `value` has the methods of a port. */
export function checkPort(
  action: string,
  field: string,
  rule: string,
  value: unknown,
  methods: readonly string[],
): void {
  const isPort =
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function');
  check(action, field, rule, value, isPort);
}

/** Refuses what is no object of options, and names that are not `known`: a slip of the pen must not pass for a default. */
export function checkOptions(action: string, options: object, known: readonly string[]): void {
  check(action, 'options', 'an object', options, typeof options === 'object' && options !== null);
  for (const name in options) {
    if (known.includes(name)) continue;
    throw new TypeError(`Cannot ${action}: options.${name} is unknown; known are ${known.join(', ')}`);
  }
}

/** Checks that `signal`, if there is one, is an `AbortSignal`. */
export function checkSignal(action: string, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  checkPort(action, 'signal', 'an AbortSignal', signal, ['addEventListener', 'removeEventListener']);
}

/** A value as messages show it; never the inside of an object. */
function printed(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
