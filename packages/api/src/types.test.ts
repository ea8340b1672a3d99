import type { Draft, Kind, ObjectList, ObjectMeta, ObjectOf, StringMap } from '@bowline/apimachinery';
import { expect, expectTypeOf, test } from 'vitest';
import type { CustomResourceDefinition, JSONSchemaProps } from './generated/apiextensions/v1.ts';
import { Deployment, type DeploymentList, type StatefulSetSpec } from './generated/apps/v1.ts';
import type { Scale } from './generated/autoscaling/v1.ts';
import type { Lease } from './generated/coordination/v1.ts';
import type { Container, PersistentVolumeClaim, PodSpec, PodTemplateSpec, ServicePort } from './generated/core/v1.ts';
import type { LabelSelector } from './generated/meta/v1.ts';
import type { Eviction } from './generated/policy/v1.ts';

// Checked by the compiler (`pnpm run typecheck`); at run time these tests only pass through.

test('Type and value: Deployment is both', () => {
  expectTypeOf(Deployment).toEqualTypeOf<Kind<Deployment>>();
  expectTypeOf<ObjectOf<typeof Deployment>>().toEqualTypeOf<Deployment>();
  expectTypeOf<Deployment['apiVersion']>().toEqualTypeOf<'apps/v1'>();
  expectTypeOf<Deployment['kind']>().toEqualTypeOf<'Deployment'>();
  expectTypeOf<Deployment['metadata']>().toEqualTypeOf<ObjectMeta>();
  expectTypeOf<DeploymentList>().toEqualTypeOf<ObjectList<Deployment>>();
  expect(Deployment.apiVersion).toBe('apps/v1');
});

test('As on the wire: dates are strings, no field is renamed, int-or-string is a union, quantities are strings', () => {
  expectTypeOf<NonNullable<Lease['spec']>['renewTime']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<JSONSchemaProps>().toHaveProperty('default');
  expectTypeOf<JSONSchemaProps>().toHaveProperty('x-kubernetes-list-map-keys');
  expectTypeOf<JSONSchemaProps>().toHaveProperty('$ref');
  expectTypeOf<JSONSchemaProps['additionalProperties']>().toEqualTypeOf<JSONSchemaProps | boolean | undefined>();
  expectTypeOf<ServicePort['targetPort']>().toEqualTypeOf<number | string | undefined>();
  expectTypeOf<NonNullable<Container['resources']>['limits']>().toEqualTypeOf<StringMap | undefined>();
  expectTypeOf<LabelSelector['matchLabels']>().toEqualTypeOf<StringMap | undefined>();
  expectTypeOf<Scale['kind']>().toEqualTypeOf<'Scale'>();
});

test('Partial where nothing is stored: templates, claims in a StatefulSet, evictions', () => {
  expectTypeOf<PodTemplateSpec['metadata']>().toEqualTypeOf<Partial<ObjectMeta> | undefined>();
  expectTypeOf<StatefulSetSpec['volumeClaimTemplates']>().toEqualTypeOf<
    readonly Draft<PersistentVolumeClaim>[] | undefined
  >();
  expectTypeOf<Eviction['metadata']>().toEqualTypeOf<Partial<ObjectMeta> | undefined>();
});

test('Drafts are plain literals, and a typing error in one is found', () => {
  const spec = (image: string): PodSpec => ({ containers: [{ name: 'main', image, ports: [{ containerPort: 80 }] }] });
  const draft: Draft<Deployment> = {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: spec('nginx') },
    },
  };
  // @ts-expect-error: `replicas` is a number
  const wrong: Draft<Deployment>['spec'] = { ...draft.spec, replicas: '2' };
  const crd: Draft<CustomResourceDefinition>['spec']['scope'] = 'Namespaced';
  expect([draft, wrong, crd]).toHaveLength(3);
});
