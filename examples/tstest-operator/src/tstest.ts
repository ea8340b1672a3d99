import type { ObjectOf } from '@bowline/apimachinery';
import { defineCrd, s } from '@bowline/crd';

/** Asks for a Deployment of `spec.replicas` pods. The schema is the type, the CustomResourceDefinition and the validation. */
export const TsTest = defineCrd({
  group: 'stable.example.com',
  version: 'v1',
  kind: 'TsTest',
  shortNames: ['ts'],
  spec: s.object({
    deploymentName: s.string({ minLength: 1, maxLength: 63 }),
    replicas: s.integer({ minimum: 0 }).default(1),
    image: s.string().default('nginx'),
    cronSpec: s.string().optional(),
  }),
  status: s.object({
    readyReplicas: s.integer().optional(),
    observedGeneration: s.integer().optional(),
    conditions: s.conditions().optional(),
  }),
  subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.readyReplicas' } },
  printerColumns: [
    { name: 'Deployment', type: 'string', jsonPath: '.spec.deploymentName' },
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
});
export type TsTest = ObjectOf<typeof TsTest>;
