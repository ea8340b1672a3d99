import { badRequest } from '../errors.ts';
import { quote } from '../go-format.ts';
import { listAt, numberAt, type ServerObject, stringAt, valueAt } from '../object.ts';

/** Reads the field of an object that a selector names. */
type Reader = (object: ServerObject, field: string) => string;

interface Selectable {
  /** Fields by the name that the API knows them by. */
  readonly fields: Readonly<Record<string, Reader>>;
  /** Whether `metadata.namespace` can be selected by too. */
  readonly namespace: boolean;
}

const text: Reader = (object, field) => stringAt(object, ...field.split('.'));
const count: Reader = (object, field) => String(numberAt(object, ...field.split('.')) ?? 0);
const flag: Reader = (object, field) => String(valueAt(object, ...field.split('.')) === true);

function texts(...names: readonly string[]): Readonly<Record<string, Reader>> {
  return Object.fromEntries(names.map((name) => [name, text]));
}

const eventFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/**
 * By API version and kind; other kinds know `metadata.name` and `metadata.namespace` alone.
 *
 * @see k8s.io/kubernetes pkg/apis: `AddFieldLabelConversionFunc` and pkg/registry: `SelectableFields`
 */
const selectable: Readonly<Record<string, Selectable>> = {
  'v1 Pod': {
    namespace: true,
    fields: {
      ...texts(
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ),
      'spec.hostNetwork': flag,
      'spec.host': (pod) => stringAt(pod, 'spec', 'nodeName'),
      'status.podIPs': (pod) =>
        listAt(pod, 'status', 'podIPs')
          .map((one) => stringAt(one, 'ip'))
          .join(','),
    },
  },
  'v1 Node': { namespace: false, fields: { 'spec.unschedulable': flag } },
  'v1 ReplicationController': { namespace: true, fields: { 'status.replicas': count } },
  'v1 Namespace': {
    namespace: false,
    fields: { ...texts('status.phase'), name: (object) => object.metadata.name ?? '' },
  },
  'v1 Secret': { namespace: true, fields: texts('type') },
  'v1 Service': { namespace: true, fields: texts('spec.clusterIP', 'spec.type') },
  'v1 Event': {
    namespace: true,
    fields: {
      ...texts(...eventFields.map((field) => `involvedObject.${field}`), 'reason', 'reportingComponent', 'type'),
      source: (event) => stringAt(event, 'source', 'component') || stringAt(event, 'reportingComponent'),
    },
  },
  'events.k8s.io/v1 Event': {
    namespace: true,
    fields: {
      ...texts(...eventFields.map((field) => `regarding.${field}`), 'reason', 'reportingController', 'type'),
    },
  },
  'batch/v1 Job': {
    namespace: true,
    fields: { 'status.successful': (job) => String(numberAt(job, 'status', 'succeeded') ?? 0) },
  },
  'certificates.k8s.io/v1 CertificateSigningRequest': { namespace: false, fields: texts('spec.signerName') },
  'resource.k8s.io/v1 ResourceSlice': { namespace: false, fields: texts('spec.nodeName', 'spec.driver') },
};

/** @throws {Refusal} 400 when objects of the kind cannot be selected by the field. */
export function checkBuiltinField(apiVersion: string, kind: string, field: string): void {
  const known = selectable[`${apiVersion} ${kind}`];
  if (field === 'metadata.name') return;
  if (known === undefined) {
    if (field === 'metadata.namespace') return;
    throw badRequest(`${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  if (field === 'metadata.namespace' && known.namespace) return;
  if (known.fields[field] === undefined) throw badRequest(`field label not supported: ${field}`);
}

/** Reads fields of the objects of a kind, in the version in which they are served. */
export function fieldReaderOf(apiVersion: string, kind: string): Reader {
  const fields = selectable[`${apiVersion} ${kind}`]?.fields ?? {};
  return (object, field) => {
    if (field === 'metadata.name') return object.metadata.name ?? '';
    if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
    return fields[field]?.(object, field) ?? '';
  };
}
