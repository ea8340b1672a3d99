import { parseTime } from '@bowline/apimachinery';
import { listAt, type ServerObject, stringAt, valueAt } from '../object.ts';
import { type AdmissionPlugin, type ClusterView, notAdmitted } from './admission-plugin.ts';
import { amountOf } from './amount.ts';
import { part } from './fill.ts';
import { has } from './validate-fields.ts';

const claims = ['persistentvolumeclaims'];
const storageClasses = 'storageclasses.storage.k8s.io';
const betaStorageClass = 'volume.beta.kubernetes.io/storage-class';

const protections: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
  volumeattributesclasses: 'kubernetes.io/vac-protection',
};

/** Storage is not deleted while it is in use. @see k8s.io/kubernetes plugin/pkg/admission/storage/storageobjectinuseprotection */
export const storageProtection: AdmissionPlugin = {
  resources: ['persistentvolumeclaims', 'persistentvolumes', 'volumeattributesclasses.storage.k8s.io'],
  mutate({ operation, resource, object }) {
    const finalizer = protections[resource];
    const { finalizers = [] } = object.metadata;
    if (operation !== 'create' || finalizer === undefined || finalizers.includes(finalizer)) return;
    object.metadata.finalizers = [...finalizers, finalizer];
  },
};

/** The newest of the classes that are marked as default; by name among those of one second. */
function defaultClass(
  cluster: ClusterView,
  resource: string,
  annotations: readonly string[],
): ServerObject | undefined {
  const age = (one: ServerObject): number => parseTime(one.metadata.creationTimestamp ?? '');
  return cluster
    .objects(resource)
    .filter((one) => annotations.some((annotation) => one.metadata.annotations?.[annotation] === 'true'))
    .sort((a, b) => age(b) - age(a) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))[0];
}

/** Gives claims that name no class the default one. @see k8s.io/kubernetes plugin/pkg/admission/storage/storageclass/setdefault */
export const defaultStorageClass: AdmissionPlugin = {
  resources: claims,
  mutate({ operation, object }, cluster) {
    if (operation !== 'create' || has(object, 'spec', 'storageClassName')) return;
    if (object.metadata.annotations?.[betaStorageClass] !== undefined) return;
    const found = defaultClass(cluster, storageClasses, [
      'storageclass.kubernetes.io/is-default-class',
      'storageclass.beta.kubernetes.io/is-default-class',
    ]);
    if (found !== undefined) part(object, 'spec').storageClassName = found.metadata.name;
  },
};

/** Gives ingresses that name no class the default one. @see k8s.io/kubernetes plugin/pkg/admission/network/defaultingressclass */
export const defaultIngressClass: AdmissionPlugin = {
  resources: ['ingresses.networking.k8s.io'],
  mutate({ operation, object }, cluster) {
    if (operation !== 'create' || has(object, 'spec', 'ingressClassName')) return;
    if (object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
    const annotations = ['ingressclass.kubernetes.io/is-default-class'];
    const found = defaultClass(cluster, 'ingressclasses.networking.k8s.io', annotations);
    if (found !== undefined) part(object, 'spec').ingressClassName = found.metadata.name;
  },
};

/** Claims grow only when they are bound and their class lets them. @see k8s.io/kubernetes plugin/pkg/admission/storage/persistentvolume/resize */
export const claimResize: AdmissionPlugin = {
  resources: claims,
  validate(request, cluster) {
    const { object, live } = request;
    if (live === undefined) return;
    const size = (claim: ServerObject): bigint => amountOf(valueAt(claim, 'spec', 'resources', 'requests', 'storage'));
    if (size(object) <= size(live)) return;
    if (stringAt(live, 'status', 'phase') !== 'Bound') {
      throw notAdmitted(request, 'Only bound persistent volume claims can be expanded');
    }
    const classOf = (claim: ServerObject): string =>
      claim.metadata.annotations?.[betaStorageClass] ?? stringAt(claim, 'spec', 'storageClassName');
    const name = classOf(object);
    const may = name !== '' && name === classOf(live) && cluster.object(storageClasses, '', name);
    if (may && may.allowVolumeExpansion === true) return;
    throw notAdmitted(
      request,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
};

/** New nodes are not ready. @see k8s.io/kubernetes plugin/pkg/admission/nodetaint */
export const nodeTaint: AdmissionPlugin = {
  resources: ['nodes'],
  mutate({ operation, object }) {
    if (operation !== 'create') return;
    const spec = part(object, 'spec');
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    const taints = listAt(spec, 'taints');
    const present = taints.some(
      (one) => stringAt(one, 'key') === taint.key && stringAt(one, 'effect') === taint.effect,
    );
    if (!present) spec.taints = [...taints, taint];
  },
};
