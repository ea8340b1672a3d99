import type { Conversion } from '../codec/builtin-codec.ts';
import { isObject, type JsonObject, listAt, type ServerObject, valueAt } from '../object.ts';
import { readBuiltin } from '../schema/index.ts';
import { isCpuUtilization, newBehavior, newMetric, oldBehavior, oldMetric } from './metrics.ts';

const prefix = 'autoscaling.alpha.kubernetes.io/';
/** What `autoscaling/v1` has no fields for stands in annotations. */
const annotationOf = {
  metrics: `${prefix}metrics`,
  currentMetrics: `${prefix}current-metrics`,
  conditions: `${prefix}conditions`,
  behavior: `${prefix}behavior`,
} as const;
const dropped: readonly string[] = [
  ...Object.values(annotationOf),
  `${prefix}scale-down-tolerance`,
  `${prefix}scale-up-tolerance`,
];
const defaultUtilization = 80;
const kind = 'HorizontalPodAutoscaler';

/**
 * Autoscalers are stored as `autoscaling/v2`.
 *
 * @see k8s.io/kubernetes pkg/apis/autoscaling/v1/conversion.go
 */
export const autoscalerConversion: Conversion = {
  fromStored(object) {
    const metrics = listAt(object, 'spec', 'metrics');
    const current = listAt(object, 'status', 'currentMetrics');
    const conditions = listAt(object, 'status', 'conditions');
    const behavior = valueAt(object, 'spec', 'behavior');
    const others = metrics.filter((metric) => !isCpuUtilization(metric, 'target'));
    const notes: Record<string, unknown> = {};
    if (others.length > 0) notes[annotationOf.metrics] = others.map((metric) => oldMetric(metric, 'target'));
    if (current.length > 0) notes[annotationOf.currentMetrics] = current.map((metric) => oldMetric(metric, 'current'));
    if (behavior !== undefined) notes[annotationOf.behavior] = oldBehavior(behavior);
    if (conditions.length > 0) notes[annotationOf.conditions] = conditions;
    const { metrics: _m, behavior: _b, ...spec } = objectAt(object, 'spec');
    const { currentMetrics: _c, conditions: _o, ...status } = objectAt(object, 'status');
    const target = metrics.find((metric) => isCpuUtilization(metric, 'target'));
    const now = current.findLast((metric) => isCpuUtilization(metric, 'current'));
    const written = Object.fromEntries(Object.entries(notes).map(([name, value]) => [name, JSON.stringify(value)]));
    return inVersion('v1', {
      ...object,
      metadata: withAnnotations(object, written),
      spec: {
        ...spec,
        targetCPUUtilizationPercentage: valueAt(target, 'resource', 'target', 'averageUtilization'),
      },
      status: {
        ...status,
        currentCPUUtilizationPercentage: valueAt(now, 'resource', 'current', 'averageUtilization'),
      },
    });
  },
  toStored(object) {
    const noted = (name: string): unknown => parsed(object.metadata.annotations?.[name]);
    const { targetCPUUtilizationPercentage: target, ...spec } = objectAt(object, 'spec');
    const { currentCPUUtilizationPercentage: current, ...status } = objectAt(object, 'status');
    const others = noted(annotationOf.metrics);
    const metrics = [
      ...(Array.isArray(others) ? others.map((metric) => newMetric(metric, 'target')) : []),
      ...(target === undefined ? [] : [cpu('target', { type: 'Utilization', averageUtilization: target })]),
    ];
    if (metrics.length === 0) {
      metrics.push(cpu('target', { type: 'Utilization', averageUtilization: defaultUtilization }));
    }
    const notedMetrics = noted(annotationOf.currentMetrics);
    const currentMetrics = Array.isArray(notedMetrics)
      ? notedMetrics.map((metric) => newMetric(metric, 'current'))
      : current === undefined
        ? undefined
        : [cpu('current', { averageUtilization: current })];
    const conditions = noted(annotationOf.conditions);
    return inVersion('v2', {
      ...object,
      metadata: withAnnotations(object, {}),
      spec: { ...spec, metrics, behavior: newBehavior(noted(annotationOf.behavior)) },
      status: { ...status, currentMetrics, conditions: Array.isArray(conditions) ? conditions : undefined },
    });
  },
};

function inVersion(version: string, value: JsonObject): ServerObject {
  const present = JSON.parse(JSON.stringify(value)) as JsonObject;
  return readBuiltin({ group: 'autoscaling', version, kind }, present).object as ServerObject;
}

function objectAt(object: ServerObject, field: string): JsonObject {
  const value = object[field];
  return isObject(value) ? value : {};
}

function cpu(part: 'target' | 'current', amount: JsonObject): JsonObject {
  return { type: 'Resource', resource: { name: 'cpu', [part]: amount } };
}

/** Metadata whose annotations are those of the object, except for what conversions put there. */
function withAnnotations({ metadata }: ServerObject, added: Readonly<Record<string, string>>): JsonObject {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([name]) => !dropped.includes(name));
  return { ...metadata, annotations: { ...Object.fromEntries(kept), ...added } };
}

/** Annotations that are no JSON are passed over, as the real server does. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
