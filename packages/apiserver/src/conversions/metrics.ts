import { isObject, type JsonObject, listAt, stringAt, valueAt } from '../object.ts';

/** `target` in what is wanted, `current` in what is. */
export type MetricPart = 'target' | 'current';

/** How `autoscaling/v1` names the parts of a metric in its annotations; `$` stands for `target` or `current`. */
interface OldNames {
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: string;
  readonly selector?: string;
  /** Which of them are always there. */
  readonly always: Readonly<Record<MetricPart, string>>;
}

const ofResource: OldNames = {
  averageValue: '$AverageValue',
  averageUtilization: '$AverageUtilization',
  always: { target: '', current: 'averageValue' },
};

const types: Readonly<Record<string, OldNames>> = {
  object: {
    value: '$Value',
    averageValue: 'averageValue',
    selector: 'selector',
    always: { target: 'value', current: 'value' },
  },
  pods: {
    averageValue: '$AverageValue',
    selector: 'selector',
    always: { target: 'averageValue', current: 'averageValue' },
  },
  resource: ofResource,
  containerResource: ofResource,
  external: {
    value: '$Value',
    averageValue: '$AverageValue',
    selector: 'metricSelector',
    always: { target: '', current: 'value' },
  },
};

const values = ['value', 'averageValue', 'averageUtilization'] as const;

function named(name: string, part: MetricPart): string {
  return name.replace('$', part);
}

/** A metric of `autoscaling/v2` as annotations of `autoscaling/v1` hold it. */
export function oldMetric(metric: unknown, part: MetricPart): JsonObject {
  const old: JsonObject = { type: stringAt(metric, 'type') };
  for (const [type, names] of Object.entries(types)) {
    const source = valueAt(metric, type);
    if (!isObject(source)) continue;
    const made: JsonObject = {};
    const { describedObject, metric: identifier, name, container } = source;
    if (describedObject !== undefined) made.target = describedObject;
    if (isObject(identifier)) made.metricName = identifier.name;
    if (name !== undefined) made.name = name;
    for (const field of values) {
      const word = names[field];
      const value = valueAt(source, part, field);
      if (word === undefined) continue;
      if (value !== undefined) made[named(word, part)] = value;
      else if (names.always[part] === field) made[named(word, part)] = '0';
    }
    if (names.selector !== undefined && isObject(identifier) && identifier.selector !== undefined) {
      made[names.selector] = identifier.selector;
    }
    if (container !== undefined) made.container = container;
    old[type] = made;
  }
  return old;
}

/** A metric from an annotation of `autoscaling/v1` in the form of `autoscaling/v2`. */
export function newMetric(old: unknown, part: MetricPart): JsonObject {
  const metric: JsonObject = { type: stringAt(old, 'type') };
  for (const [type, names] of Object.entries(types)) {
    const source = valueAt(old, type);
    if (!isObject(source)) continue;
    const { target: described, metricName, name, container } = source;
    const amount: JsonObject = part === 'target' ? { type: targetType(type, source) } : {};
    for (const field of values) {
      const word = names[field];
      const value = word === undefined ? undefined : source[named(word, part)];
      if (value !== undefined) amount[field] = value;
      else if (names.always[part] === field) amount[field] = '0';
    }
    const made: JsonObject = { [part]: amount };
    if (type === 'object') made.describedObject = described;
    if (names.selector !== undefined) {
      const selector = source[names.selector];
      made.metric = { name: metricName ?? '', ...(selector === undefined ? {} : { selector }) };
    }
    if (name !== undefined) made.name = name;
    if (container !== undefined) made.container = container;
    metric[type] = made;
  }
  return metric;
}

function targetType(type: string, source: JsonObject): string {
  switch (type) {
    case 'object':
      return source.averageValue === undefined ? 'Value' : 'AverageValue';
    case 'external':
      return source.targetValue === undefined ? 'AverageValue' : 'Value';
    case 'pods':
      return 'AverageValue';
    default:
      return source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization';
  }
}

/** Whether a metric is the one that `autoscaling/v1` has a field for. */
export function isCpuUtilization(metric: unknown, part: MetricPart): boolean {
  return (
    stringAt(metric, 'type') === 'Resource' &&
    stringAt(metric, 'resource', 'name') === 'cpu' &&
    typeof valueAt(metric, 'resource', part, 'averageUtilization') === 'number'
  );
}

const ruleFields = ['StabilizationWindowSeconds', 'SelectPolicy', 'Policies', 'Tolerance'];

/** The behaviour in the form in which it stands in an annotation: with the names of Go's fields, nothing left out. */
export function oldBehavior(behavior: unknown): JsonObject {
  const rules = (of: unknown): unknown =>
    isObject(of)
      ? Object.fromEntries(
          ruleFields.map((field) => [field, field === 'Policies' ? policies(of) : (of[lower(field)] ?? null)]),
        )
      : null;
  return { ScaleUp: rules(valueAt(behavior, 'scaleUp')), ScaleDown: rules(valueAt(behavior, 'scaleDown')) };
}

function policies(rules: JsonObject): unknown {
  const { policies: list } = rules;
  if (!Array.isArray(list)) return null;
  return list.map((one) => ({
    Type: stringAt(one, 'type'),
    Value: valueAt(one, 'value') ?? 0,
    PeriodSeconds: valueAt(one, 'periodSeconds') ?? 0,
  }));
}

/** The behaviour from an annotation; undefined when it says nothing. */
export function newBehavior(old: unknown): JsonObject | undefined {
  const rules = (of: unknown): JsonObject | undefined => {
    if (!isObject(of)) return undefined;
    const made: JsonObject = {};
    for (const field of ruleFields) {
      const value = of[field] ?? of[lower(field)];
      if (value === null || value === undefined) continue;
      made[lower(field)] = field === 'Policies' ? listAt({ value }, 'value').map(lowered) : value;
    }
    return made;
  };
  const scaleUp = rules(valueAt(old, 'ScaleUp'));
  const scaleDown = rules(valueAt(old, 'ScaleDown'));
  if (scaleUp === undefined && scaleDown === undefined) return undefined;
  return { ...(scaleUp === undefined ? {} : { scaleUp }), ...(scaleDown === undefined ? {} : { scaleDown }) };
}

function lowered(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [lower(name), member]));
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
