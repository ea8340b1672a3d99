import { checkValue, rules, type ValueRule, withMethods } from '@bowline/apimachinery/arguments';

const always: Readonly<Record<string, ValueRule>> = {
  source: withMethods('a list-watch', 'list', 'watch'),
  clock: rules.clock,
  random: withMethods('a random source', 'next'),
};

const some: Readonly<Record<'sink' | 'cache', ValueRule>> = {
  sink: withMethods('a sink', 'replace', 'apply', 'drained'),
  cache: withMethods('a cache', 'items'),
};

const optional: Readonly<Record<string, ValueRule>> = {
  logger: rules.logger,
  observer: withMethods('an observer', 'changed'),
  metrics: rules.metrics,
  watchLists: withMethods('a watch-list memory', 'allows', 'missed', 'worked'),
};

/**
 * Checks what something works with. Ports may have more members than are needed.
 *
 * @throws {TypeError} when a port is missing or lacks a method.
 */
export function checkPorts(action: string, ports: object, besides: readonly (keyof typeof some)[] = []): void {
  checkValue(action, 'ports', ports, rules.object);
  const given: Readonly<Record<string, unknown>> = { ...ports };
  for (const [name, rule] of Object.entries(always)) checkValue(action, name, given[name], rule);
  for (const name of besides) checkValue(action, name, given[name], some[name]);
  for (const [name, rule] of Object.entries(optional)) {
    if (given[name] !== undefined) checkValue(action, name, given[name], rule);
  }
}
