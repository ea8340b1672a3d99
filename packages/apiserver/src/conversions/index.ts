import type { Conversion } from '../codec/builtin-codec.ts';
import { autoscalerConversion } from './autoscaling.ts';
import { eventConversion } from './events.ts';

/** Versions that are not stored as they are, by API version and qualified resource. */
export const conversions: Readonly<Record<string, Conversion>> = {
  'autoscaling/v1 horizontalpodautoscalers.autoscaling': autoscalerConversion,
  'events.k8s.io/v1 events.events.k8s.io': eventConversion,
};

/** Resources that show the objects of another one. */
export const sharedResources: Readonly<Record<string, string>> = { 'events.events.k8s.io': 'events' };
