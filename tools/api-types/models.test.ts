import { expect, test } from 'vitest';
import { mentioned, readModel } from './models.ts';

const script = `export class V1Example {}
V1Example.attributeTypeMap = [
    { "name": "_default", "baseName": "default", "type": "any", "format": "" },
    { "name": "schedule", "baseName": "schedule", "type": "string", "format": "" }
];
//# sourceMappingURL=V1Example.js.map`;
const declaration = `/**
 * Kubernetes, generated
 */
import { V1Other } from '../models/V1Other.js';
/**
* Example runs things on a pod\\'s schedule.
*/
export declare class V1Example {
    '_default'?: any;
    /**
    * In Cron format, like \\"*\\/5 * * * *\\".
    */
    'schedule': string;
    static readonly discriminator: string | undefined;
}`;

test('readModel takes wire names, optional fields and documentation, and no licence header', () => {
  expect(readModel('V1Example', script, declaration)).toEqual({
    name: 'V1Example',
    doc: "Example runs things on a pod's schedule.",
    fields: [
      { name: 'default', type: 'any', required: false, doc: '' },
      { name: 'schedule', type: 'string', required: true, doc: 'In Cron format, like "*\\/5 * * * *".' },
    ],
  });
});

test('readModel refuses a class of another form', () => {
  expect(() => readModel('V1Example', 'export class V1Example {}', declaration)).toThrow('has not the expected form');
});

test('mentioned finds every model in a type', () => {
  expect(mentioned('Array<V1Container>')).toEqual(['V1Container']);
  expect(mentioned('{ [key: string]: CoreV1ResourceClaim; }')).toEqual(['CoreV1ResourceClaim']);
  expect(mentioned('{ [key: string]: string; }')).toEqual([]);
});
