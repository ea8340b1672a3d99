/** Pods as a busy cluster has them: 5.8 kB of JSON each, deterministic, two containers, managedFields and all. */

/** The first pod's resource version; every version has ten digits, so that one can be patched in place. */
export const firstResourceVersion = 1_000_000_001;

const hex = (value: number, length: number): string =>
  (Math.imul(value + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(8).slice(0, length);
const uid = (value: number): string => {
  const text = hex(value, 8) + hex(value + 7, 8) + hex(value + 13, 8) + hex(value + 29, 8);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20, 32)}`;
};
const time = (second: number): string =>
  new Date(Date.UTC(2026, 2, 1, 12, 0, second % 3600)).toISOString().replace('.000Z', 'Z');

/** Pod number `index`, as JSON without `apiVersion` and `kind`, as in a list. */
export function podJson(index: number): string {
  const app = `app-${index % 400}`;
  const namespace = `team-${String(index % 100).padStart(2, '0')}`;
  const hash = hex(index % 400, 10);
  const sha = hex(index % 400, 64);
  const token = {
    name: `kube-api-access-${hash.slice(0, 5)}`,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
  const probe = (path: string, initialDelaySeconds: number): object => ({
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    initialDelaySeconds,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const resources = { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } };
  const fromField = (name: string, fieldPath: string): object => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  });
  const status = (name: string, image: string, salt: number): object => ({
    name,
    state: { running: { startedAt: time(index + 4) } },
    lastState: {},
    ready: true,
    restartCount: 0,
    image,
    imageID: `registry.example.com/${namespace}/${name}@sha256:${sha}`,
    containerID: `containerd://${hex(index + salt, 64)}`,
    started: true,
  });
  const condition = (type: string, second: number): object => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: time(index + second),
  });
  const image = `registry.example.com/${namespace}/${app}:v1.${index % 37}`;
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `${app}-${hash}`,
    uid: uid((index % 400) + 5),
    controller: true,
    blockOwnerDeletion: true,
  };
  return JSON.stringify({
    metadata: {
      name: `${app}-${hash}-${index.toString(16).padStart(5, '0')}`,
      generateName: `${app}-${hash}-`,
      namespace,
      uid: uid(index),
      resourceVersion: String(firstResourceVersion + index),
      generation: 1,
      creationTimestamp: time(index),
      labels: {
        'app.kubernetes.io/instance': `${app}-prod`,
        'app.kubernetes.io/name': app,
        'app.kubernetes.io/version': `v1.${index % 37}`,
        bench: 'wait',
        'pod-template-hash': hash,
        tier: ['web', 'worker', 'cache', 'db'][index % 4],
      },
      annotations: {
        'checksum/config': sha.slice(0, 32),
        'prometheus.io/port': '8080',
        'prometheus.io/scrape': 'true',
      },
      ownerReferences: [owner],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: time(index),
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:prometheus.io/port': {}, 'f:prometheus.io/scrape': {} },
              'f:generateName': {},
              'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {}, 'f:pod-template-hash': {} },
              'f:ownerReferences': { '.': {}, [`k:{"uid":"${owner.uid}"}`]: {} },
            },
            'f:spec': {
              'f:containers': {
                [`k:{"name":"${app}"}`]: {
                  '.': {},
                  'f:image': {},
                  'f:livenessProbe': {},
                  'f:ports': {},
                  'f:resources': {},
                },
              },
              'f:dnsPolicy': {},
              'f:restartPolicy': {},
              'f:terminationGracePeriodSeconds': {},
            },
          },
        },
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'v1',
          time: time(index + 5),
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:status': {
              'f:conditions': {
                'k:{"type":"ContainersReady"}': { '.': {}, 'f:lastTransitionTime': {}, 'f:status': {}, 'f:type': {} },
                'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} },
              },
              'f:containerStatuses': {},
              'f:hostIP': {},
              'f:phase': {},
              'f:podIP': {},
              'f:startTime': {},
            },
          },
          subresource: 'status',
        },
      ],
    },
    spec: {
      volumes: [
        { name: 'config', configMap: { name: `${app}-config`, defaultMode: 420 } },
        { name: 'tmp', emptyDir: {} },
        {
          name: token.name,
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            ],
            defaultMode: 420,
          },
        },
      ],
      containers: [
        {
          name: app,
          image,
          args: ['--config=/etc/app/config.yaml', '--listen=:8080'],
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            fromField('POD_NAME', 'metadata.name'),
            fromField('POD_IP', 'status.podIP'),
            { name: 'LOG_LEVEL', value: 'info' },
            { name: 'SHARD', value: String(index) },
          ],
          resources,
          volumeMounts: [{ name: 'config', mountPath: '/etc/app' }, { name: 'tmp', mountPath: '/tmp' }, token],
          livenessProbe: probe('/healthz', 10),
          readinessProbe: probe('/readyz', 5),
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
        {
          name: 'proxy',
          image: 'registry.example.com/mesh/proxy:1.29.0',
          env: [{ name: 'UPSTREAM', value: '127.0.0.1:8080' }],
          resources,
          volumeMounts: [token],
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: app,
      serviceAccount: app,
      nodeName: `ip-10-${index % 50}-${index % 211}.eu-west-1.compute.internal`,
      securityContext: { runAsNonRoot: true },
      schedulerName: 'default-scheduler',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {
      phase: 'Running',
      conditions: [
        condition('Initialized', 1),
        condition('Ready', 5),
        condition('ContainersReady', 5),
        condition('PodScheduled', 0),
      ],
      hostIP: `10.${index % 50}.${index % 211}.7`,
      podIP: `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      podIPs: [{ ip: `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}` }],
      startTime: time(index),
      containerStatuses: [status(app, image, 20), status('proxy', 'registry.example.com/mesh/proxy:1.29.0', 30)],
      qosClass: 'Burstable',
    },
  });
}
