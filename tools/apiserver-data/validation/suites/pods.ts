import type { Suite } from '../suite.ts';

const container = { name: 'app', image: 'nginx:1.27' };

export const pods: readonly Suite[] = [
  {
    kind: 'Pod',
    path: '/api/v1/namespaces/default/pods',
    base: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec: { containers: [container] } },
    create: {
      minimal: {},
      'no spec': { spec: null },
      'no containers': { 'spec.containers': [] },
      'no name, bad labels': { 'metadata.name': null, 'metadata.labels': { 'a b': 'c' } },
      'bad name and annotations': { 'metadata.name': 'Pod_1', 'metadata.annotations': { '-bad-': 'x' } },
      'container without name and image': { 'spec.containers.0': { command: ['x'] } },
      'container names twice': { 'spec.containers.1': container, 'spec.initContainers.0': container },
      'bad container name': { 'spec.containers.0.name': 'App_1', 'spec.containers.0.image': ' nginx' },
      'image tags': {
        'spec.containers': [
          { name: 'a', image: 'nginx' },
          { name: 'b', image: 'nginx:latest' },
          { name: 'c', image: 'registry:5000/nginx' },
          { name: 'd', image: 'registry:5000/nginx:v1' },
          { name: 'e', image: 'nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' },
        ],
      },
      'wrong policies': {
        'spec.restartPolicy': 'Sometimes',
        'spec.dnsPolicy': 'Foo',
        'spec.containers.0.imagePullPolicy': 'Maybe',
        'spec.containers.0.terminationMessagePolicy': 'Log',
        'spec.preemptionPolicy': 'PreemptHigher',
      },
      'bad ports': {
        'spec.containers.0.ports': [
          { containerPort: 80, name: 'web' },
          { containerPort: 81, name: 'web' },
          { containerPort: 0 },
          { containerPort: 70000, hostPort: -1, protocol: 'HTTP', name: '-Bad--Name-' },
          { containerPort: 82, hostPort: 8080 },
          { containerPort: 83, hostPort: 8080 },
        ],
      },
      'good ports and host network': {
        'spec.hostNetwork': true,
        'spec.containers.0.ports': [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
      },
      'host network with another port': {
        'spec.hostNetwork': true,
        'spec.containers.0.ports': [{ containerPort: 80, hostPort: 81 }],
      },
      'good environment': {
        'spec.containers.0.env': [
          { name: 'A', value: 'b' },
          { name: 'my.env-name' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'LABEL', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['a/b']" } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
        ],
        'spec.containers.0.envFrom': [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 's' } }],
      },
      'bad environment': {
        'spec.containers.0.env': [
          { value: 'x' },
          { name: 'a=b' },
          { name: 'A', valueFrom: {} },
          { name: 'B', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'C', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } },
          { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
          { name: 'E', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } },
          { name: 'F', valueFrom: { fieldRef: { fieldPath: "spec.nodeName['x']" } } },
          { name: 'G', valueFrom: { configMapKeyRef: { name: '', key: 'a/b' }, secretKeyRef: { name: 's' } } },
          { name: 'H', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } },
          { name: 'I', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '2' } } },
        ],
        'spec.containers.0.envFrom': [
          {},
          { configMapRef: { name: 'A_' } },
          { configMapRef: { name: 'a' }, secretRef: { name: 'b' } },
        ],
      },
      'good resources': {
        'spec.containers.0.resources': { limits: { cpu: '1000m', memory: '0.5Gi' }, requests: { memory: '100Mi' } },
        'spec.initContainers': [{ name: 'init', image: 'busybox', resources: { limits: { cpu: '0.1' } } }],
      },
      'request above limit': {
        'spec.containers.0.resources': { limits: { memory: '64Mi' }, requests: { memory: '128Mi' } },
      },
      'negative resource': { 'spec.containers.0.resources': { limits: { cpu: '-1' } } },
      'unknown resource': { 'spec.containers.0.resources': { limits: { gpu: '1' } } },
      'extended resource': { 'spec.containers.0.resources': { limits: { 'example.com/gpu': '1' } } },
      'part of an extended resource': { 'spec.containers.0.resources': { limits: { 'example.com/gpu': '500m' } } },
      'extended resource without limit': { 'spec.containers.0.resources': { requests: { 'example.com/gpu': '1' } } },
      'huge pages alone': { 'spec.containers.0.resources': { limits: { 'hugepages-2Mi': '3Mi' } } },
      'no quantity': { 'spec.containers.0.resources': { limits: { cpu: 'lots' } } },
      'unknown resource claim': { 'spec.containers.0.resources': { claims: [{ name: 'gpu' }] } },
      'good probes': {
        'spec.containers.0.livenessProbe': { httpGet: { port: 8080 } },
        'spec.containers.0.readinessProbe': { tcpSocket: { port: 'web' }, successThreshold: 2 },
        'spec.containers.0.startupProbe': { grpc: { port: 5000 }, failureThreshold: 30 },
        'spec.containers.0.lifecycle': {
          preStop: { sleep: { seconds: 5 } },
          postStart: { exec: { command: ['true'] } },
        },
      },
      'bad probes': {
        'spec.containers.0.livenessProbe': { successThreshold: 2, exec: { command: [] } },
        'spec.containers.0.readinessProbe': {
          initialDelaySeconds: -1,
          periodSeconds: -2,
          terminationGracePeriodSeconds: 3,
        },
        'spec.containers.0.startupProbe': {
          httpGet: { port: 0, path: 'x', scheme: 'FTP', httpHeaders: [{ name: 'a b', value: '' }] },
          tcpSocket: { port: 1 },
          terminationGracePeriodSeconds: 0,
        },
        'spec.containers.0.lifecycle': { preStop: { sleep: { seconds: 100 } }, postStart: {} },
      },
      'all volumes': {
        'spec.serviceAccountName': 'sa',
        'spec.volumes': [
          { name: 'nothing' },
          { name: 'empty', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
          { name: 'host', hostPath: { path: '/var' } },
          { name: 'secret', secret: { secretName: 's', items: [{ key: 'a', path: 'b', mode: 256 }] } },
          { name: 'config', configMap: { name: 'c', defaultMode: 420, optional: true } },
          { name: 'claim', persistentVolumeClaim: { claimName: 'x' } },
          { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          {
            name: 'projected',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token' } },
                { configMap: { name: 'ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
                { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
              ],
            },
          },
          { name: 'nfs', nfs: { server: 'a', path: '/b' } },
          { name: 'iscsi', iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:storage', lun: 0 } },
          { name: 'csi', csi: { driver: 'csi.example.com' } },
          {
            name: 'ephemeral',
            ephemeral: {
              volumeClaimTemplate: {
                spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
              },
            },
          },
          { name: 'image', image: { reference: 'quay.io/a/b:v1' } },
        ],
        'spec.containers.0.volumeMounts': [
          { name: 'empty', mountPath: '/a' },
          { name: 'config', mountPath: '/b', readOnly: true, subPath: 'x/y' },
        ],
      },
      'bad volumes': {
        'spec.volumes': [
          { name: 'A' },
          { name: 'a', emptyDir: {}, hostPath: { path: '/x' } },
          { name: 'b', hostPath: { path: '../x', type: 'Pipe' } },
          { name: 'b2', hostPath: { path: '' } },
          { name: 'c', secret: { secretName: '', defaultMode: 1000, items: [{ key: '', path: '/abs' }] } },
          { name: 'd', configMap: { items: [{ key: 'x', path: '..' }] } },
          { name: 'e', persistentVolumeClaim: { claimName: '' } },
          { name: 'f', nfs: { server: '', path: 'rel' } },
          {
            name: 'g',
            downwardAPI: { items: [{ path: 'x' }, { path: '', fieldRef: { fieldPath: 'spec.nodeName' } }] },
          },
          {
            name: 'h',
            projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 5 } }, { secret: {} }] },
          },
          { name: 'i', ephemeral: {} },
          { name: 'j', csi: { driver: '' } },
          { emptyDir: {} },
          { name: 'k', emptyDir: { sizeLimit: '-1' } },
          {
            name: 'l',
            flexVolume: { driver: '', options: { 'kubernetes.io/x': 'y' } },
            gcePersistentDisk: { pdName: '' },
          },
        ],
      },
      'volumes twice': { 'spec.volumes': [{ name: 'a' }, { name: 'a' }] },
      'bad mounts': {
        'spec.volumes': [{ name: 'a' }, { name: 'p', persistentVolumeClaim: { claimName: 'x' } }],
        'spec.containers.0.volumeMounts': [
          { name: 'missing', mountPath: '/a' },
          { name: '', mountPath: '' },
          { name: 'a', mountPath: '/a' },
          { name: 'a', mountPath: '/b', subPath: '/abs', subPathExpr: '../x' },
          { name: 'p', mountPath: '/p', mountPropagation: 'Bidirectional' },
          { name: 'a', mountPath: '/c', recursiveReadOnly: 'Enabled' },
        ],
        'spec.containers.0.volumeDevices': [
          { name: 'p', devicePath: '/p' },
          { name: 'a', devicePath: '/dev/../x' },
          { name: 'q', devicePath: '' },
        ],
      },
      'ephemeral claim name too long': {
        'metadata.name': 'a'.repeat(240),
        'spec.volumes': [
          {
            name: 'b'.repeat(40),
            ephemeral: {
              volumeClaimTemplate: {
                metadata: { name: 'x' },
                spec: { accessModes: [], resources: {} },
              },
            },
          },
        ],
      },
      'good security': {
        'spec.securityContext': {
          runAsUser: 1000,
          fsGroup: 2000,
          sysctls: [{ name: 'net.core.somaxconn', value: '1' }],
        },
        'spec.containers.0.securityContext': {
          privileged: true,
          capabilities: { add: ['NET_ADMIN'] },
          runAsNonRoot: true,
        },
      },
      'bad security': {
        'spec.securityContext': {
          runAsUser: -1,
          runAsGroup: 4294967296,
          fsGroup: -2,
          supplementalGroups: [-1],
          fsGroupChangePolicy: 'Never',
          sysctls: [
            { name: '', value: '' },
            { name: 'A b', value: '' },
            { name: 'kernel.shmmax', value: '' },
          ],
          seccompProfile: { type: 'Localhost' },
          appArmorProfile: { type: 'Foo' },
          seLinuxChangePolicy: 'X',
          supplementalGroupsPolicy: 'Y',
        },
        'spec.hostIPC': true,
        'spec.hostPID': true,
        'spec.shareProcessNamespace': true,
        'spec.containers.0.securityContext': {
          runAsUser: -5,
          procMount: 'Unmasked',
          seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'x' },
          allowPrivilegeEscalation: false,
          privileged: true,
          capabilities: { add: ['CAP_SYS_ADMIN'] },
        },
      },
      'good affinity and spreading': {
        'metadata.labels': { app: 'x' },
        'spec.affinity': {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
            },
          },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 1,
                podAffinityTerm: {
                  topologyKey: 'kubernetes.io/hostname',
                  labelSelector: { matchLabels: { app: 'x' } },
                },
              },
            ],
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app'], mismatchLabelKeys: ['none'] },
            ],
          },
        },
        'spec.topologySpreadConstraints': [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: {},
            matchLabelKeys: ['app'],
          },
        ],
        'spec.tolerations': [{ operator: 'Exists' }, { key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' }],
      },
      'bad affinity': {
        'spec.affinity': {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'a b', operator: 'In' },
                    { key: 'b', operator: 'Gt', values: ['1', '2'] },
                    { key: 'c', operator: 'Like', values: ['-x'] },
                    { key: 'd', operator: 'Exists', values: ['y'] },
                  ],
                  matchFields: [{ key: 'spec.nodeName', operator: 'Exists' }],
                },
              ],
            },
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, preference: {} }],
          },
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                topologyKey: '',
                namespaces: ['A'],
                labelSelector: { matchExpressions: [{ key: 'a', operator: 'Foo' }] },
              },
            ],
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 0,
                podAffinityTerm: { topologyKey: 'x', matchLabelKeys: ['a', 'b'], mismatchLabelKeys: ['a'] },
              },
              {
                weight: 1,
                podAffinityTerm: {
                  topologyKey: 'x',
                  labelSelector: { matchLabels: { a: 'b' } },
                  matchLabelKeys: ['a'],
                  mismatchLabelKeys: ['a'],
                },
              },
            ],
          },
        },
      },
      'bad spreading': {
        'spec.topologySpreadConstraints': [
          { maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Ignore' },
          { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0, nodeTaintsPolicy: 'X' },
          { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway', matchLabelKeys: ['x'] },
        ],
      },
      'bad tolerations': {
        'spec.tolerations': [
          { key: 'a b', operator: 'Exists', value: 'x' },
          { operator: 'Equal', value: '-' },
          { key: 'a', operator: 'Gt', value: '1' },
          { key: 'a', operator: 'Foo', effect: 'Evict', tolerationSeconds: 3 },
        ],
      },
      'tolerations of its own for what admission tolerates': {
        'spec.tolerations': [
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoSchedule' },
        ],
      },
      'bad names': {
        'spec.hostname': 'A.b',
        'spec.subdomain': '-x',
        'spec.serviceAccountName': 'B_',
        'spec.nodeName': 'N!',
        'spec.activeDeadlineSeconds': 0,
        'spec.nodeSelector': { 'a b': '-' },
        'spec.readinessGates': [{ conditionType: 'a b' }],
        'spec.schedulingGates': [{ name: 'x y' }, { name: 'ok' }, { name: 'ok' }],
        'spec.hostAliases': [{ ip: '1.2.3', hostnames: ['A_'] }],
      },
      'scheduling gates': { 'spec.schedulingGates': [{ name: 'example.com/wait' }] },
      'gated and bound': { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeName': 'n' },
      'bad dns': {
        'spec.dnsPolicy': 'None',
        'spec.dnsConfig': { nameservers: ['1.1.1.1', 'x', '1.2.3.4', '::1'], searches: ['a_b.', 'A B'], options: [{}] },
      },
      'dns policy None without config': { 'spec.dnsPolicy': 'None' },
      'init containers': {
        'spec.initContainers': [
          { name: 'one', image: 'a' },
          { name: 'two', image: 'b', restartPolicy: 'Always', readinessProbe: { exec: { command: ['x'] } } },
        ],
      },
      'bad init containers': {
        'spec.initContainers': [
          { name: 'one', image: 'a', readinessProbe: { exec: { command: ['x'] } }, lifecycle: {} },
          { name: 'one', image: 'b', restartPolicy: 'Maybe' },
        ],
      },
      'ephemeral containers on create': { 'spec.ephemeralContainers': [{ name: 'debug', image: 'x' }] },
      'windows pod': { 'spec.os': { name: 'windows' }, 'spec.securityContext': { runAsUser: 1 }, 'spec.hostPID': true },
      'unknown os': { 'spec.os': { name: 'plan9' } },
      'host users': { 'spec.hostUsers': false, 'spec.hostPID': true },
      'priority class missing': { 'spec.priorityClassName': 'nobody' },
      'priority class of the system': { 'spec.priorityClassName': 'system-node-critical' },
      'priority set by hand': { 'spec.priority': 5 },
      'runtime class missing': { 'spec.runtimeClassName': 'nobody' },
      'pod resources': {
        'spec.resources': { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } },
        'spec.containers.0.resources': { requests: { cpu: '500m' } },
      },
      'bad pod resources': {
        'spec.resources': { requests: { cpu: '1', 'example.com/a': '1' }, limits: { cpu: '1' } },
        'spec.containers.0.resources': { requests: { cpu: '2' }, limits: { cpu: '3' } },
      },
      'token without service account': {
        'spec.volumes': [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'x' } }] } }],
      },
      'deletion cost': { 'metadata.annotations': { 'controller.kubernetes.io/pod-deletion-cost': '+1' } },
      'service account in its old name': { 'spec.serviceAccount': 'old' },
      'container restart policy': {
        'spec.containers.0.restartPolicy': 'Never',
        'spec.containers.0.restartPolicyRules': [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      },
      'resize policy': { 'spec.containers.0.resizePolicy': [{ resourceName: 'cpu', restartPolicy: 'Foo' }] },
      'enable service links off': { 'spec.enableServiceLinks': false },
    },
    update: {
      image: { to: { 'spec.containers.0.image': 'nginx:2' } },
      'container name': { to: { 'spec.containers.0.name': 'other' } },
      'another container': { to: { 'spec.containers.1': { name: 'b', image: 'b' } } },
      'empty image': { to: { 'spec.containers.0.image': '' } },
      'environment and host network': {
        to: { 'spec.containers.0.env': [{ name: 'A', value: 'b' }], 'spec.hostNetwork': true },
      },
      'labels and annotations': { to: { 'metadata.labels': { a: 'b' }, 'metadata.annotations': { c: 'd' } } },
      'bad label': { to: { 'metadata.labels': { a: '-b-' } } },
      'another toleration': { to: { 'spec.tolerations.2': { key: 'a', operator: 'Exists' } } },
      'toleration gone': { to: { 'spec.tolerations': [] } },
      'deadline set': { to: { 'spec.activeDeadlineSeconds': 5 } },
      'deadline raised': { from: { 'spec.activeDeadlineSeconds': 5 }, to: { 'spec.activeDeadlineSeconds': 6 } },
      'deadline gone': { from: { 'spec.activeDeadlineSeconds': 5 }, to: { 'spec.activeDeadlineSeconds': null } },
      'gate removed': { from: { 'spec.schedulingGates': [{ name: 'a' }] }, to: { 'spec.schedulingGates': null } },
      'gate added': {
        from: { 'spec.schedulingGates': [{ name: 'a' }] },
        to: { 'spec.schedulingGates': [{ name: 'b' }] },
      },
      'node selector of a gated pod': {
        from: { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeSelector': { a: 'b' } },
        to: { 'spec.nodeSelector': { a: 'c' } },
      },
      'no node selector at gates': {
        from: { 'spec.schedulingGates': [{ name: 'a' }], 'spec.nodeSelector': { a: 'b' } },
        to: { 'spec.nodeSelector': {} },
      },
      'node selector': { from: { 'spec.nodeSelector': { a: 'b' } }, to: { 'spec.nodeSelector': { a: 'c' } } },
      'resources in the object itself': {
        from: { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
        to: { 'spec.containers.0.resources': { requests: { cpu: '2' } } },
      },
      'name changed': { to: { 'metadata.namespace': 'kube-system' } },
      'uid changed': { to: { 'metadata.uid': 'other' } },
      'status by the main endpoint': { to: { 'status.phase': 'Running' } },
      'status running': {
        to: {
          'status.phase': 'Running',
          'status.podIP': '10.1.1.1',
          'status.podIPs': [{ ip: '10.1.1.1' }],
          'status.conditions': [{ type: 'Ready', status: 'True' }],
        },
        subresource: 'status',
      },
      'status with bad addresses': {
        to: {
          'status.podIPs': [{ ip: 'x' }, { ip: '10.1.1.1' }],
          'status.hostIPs': [{ ip: '10.1.1.1' }],
          'status.conditions': [{ type: 'a b', status: 'True' }],
          'status.nominatedNodeName': 'N_',
          'status.qosClass': 'Burstable',
        },
        subresource: 'status',
      },
      'status keeps the spec': { to: { 'spec.hostNetwork': true, 'status.message': 'x' }, subresource: 'status' },
      'ephemeral container': {
        to: { 'spec.ephemeralContainers': [{ name: 'debug', image: 'busybox', targetContainerName: 'app' }] },
        subresource: 'ephemeralcontainers',
      },
      'bad ephemeral container': {
        to: {
          'spec.ephemeralContainers': [
            {
              name: 'app',
              image: 'busybox',
              targetContainerName: 'no',
              ports: [{ containerPort: 1 }],
              resources: { limits: { cpu: '1' } },
            },
          ],
        },
        subresource: 'ephemeralcontainers',
      },
      resize: {
        from: { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
        to: { 'spec.containers.0.resources': { requests: { cpu: '2' } } },
        subresource: 'resize',
      },
      'resize that changes the class': {
        from: { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
        to: { 'spec.containers.0.resources': { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Gi' } } },
        subresource: 'resize',
      },
      'resize that removes': {
        from: { 'spec.containers.0.resources': { requests: { cpu: '1', memory: '1Gi' } } },
        to: { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
        subresource: 'resize',
      },
    },
  },
  {
    kind: 'PodTemplate',
    path: '/api/v1/namespaces/default/podtemplates',
    base: {
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'template' },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
    },
    create: {
      minimal: {},
      'no containers': { 'template.spec.containers': null, 'template.metadata.labels': { a: '!' } },
    },
    update: { image: { to: { 'template.spec.containers.0.image': 'x' } } },
  },
];
