import type { Suite } from '../suite.ts';

const random = ['spec.clusterIP', 'spec.clusterIPs.*', 'spec.ports.*.nodePort', 'spec.healthCheckNodePort'];

export const network: readonly Suite[] = [
  {
    kind: 'Service',
    path: '/api/v1/namespaces/default/services',
    random,
    base: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'service' }, spec: { ports: [{ port: 80 }] } },
    create: {
      minimal: {},
      'no spec': { spec: null },
      'bad name': { 'metadata.name': '1abc' },
      'dotted name': { 'metadata.name': 'a.b' },
      selector: { 'spec.selector': { app: 'x' }, 'spec.ports.0.targetPort': 'http', 'spec.ports.0.name': 'web' },
      headless: { 'spec.clusterIP': 'None', 'spec.selector': { app: 'x' } },
      'headless without selector': { 'spec.clusterIP': 'None' },
      'headless without ports': { 'spec.clusterIP': 'None', 'spec.selector': { app: 'x' }, 'spec.ports': null },
      'node port': { 'spec.type': 'NodePort' },
      'given node port': { 'spec.type': 'NodePort', 'spec.ports.0.nodePort': 31000 },
      'node port taken': { 'spec.type': 'NodePort', 'spec.ports.0.nodePort': 31000 },
      'node port out of range': { 'spec.type': 'NodePort', 'spec.ports.0.nodePort': 80 },
      'one node port for two protocols': {
        'spec.type': 'NodePort',
        'spec.ports': [
          { name: 'a', port: 53, protocol: 'UDP' },
          { name: 'b', port: 53, protocol: 'TCP', nodePort: 31053 },
        ],
      },
      'load balancer': { 'spec.type': 'LoadBalancer' },
      'load balancer, local': { 'spec.type': 'LoadBalancer', 'spec.externalTrafficPolicy': 'Local' },
      'load balancer without node ports': { 'spec.type': 'LoadBalancer', 'spec.allocateLoadBalancerNodePorts': false },
      'external name': { 'spec.type': 'ExternalName', 'spec.externalName': 'example.com.', 'spec.ports': null },
      'external name missing': { 'spec.type': 'ExternalName' },
      'external name with addresses': {
        'spec.type': 'ExternalName',
        'spec.externalName': 'A b',
        'spec.clusterIP': '10.0.0.9',
        'spec.ipFamilies': ['IPv4'],
        'spec.ipFamilyPolicy': 'SingleStack',
      },
      'given address': { 'spec.clusterIP': '10.0.0.200' },
      'address taken': { 'spec.clusterIP': '10.0.0.200' },
      'address of another range': { 'spec.clusterIP': '1.2.3.4' },
      'address of nonsense': { 'spec.clusterIP': 'x' },
      'address of another family': { 'spec.clusterIP': 'fd00::1' },
      'addresses that differ': { 'spec.clusterIP': '10.0.0.201', 'spec.clusterIPs': ['10.0.0.202'] },
      'only the list of addresses': { 'spec.clusterIPs': ['10.0.0.203'] },
      'two families': { 'spec.ipFamilies': ['IPv4', 'IPv6'] },
      'another family': { 'spec.ipFamilies': ['IPv6'] },
      'unknown family': { 'spec.ipFamilies': ['IPX'], 'spec.ipFamilyPolicy': 'Foo' },
      'dual stack preferred': { 'spec.ipFamilyPolicy': 'PreferDualStack' },
      'dual stack required': { 'spec.ipFamilyPolicy': 'RequireDualStack' },
      'bad ports': {
        'spec.ports': [
          { port: 0 },
          { name: 'A', port: 70000, protocol: 'HTTP', targetPort: 0 },
          { name: 'b', port: 1, targetPort: '-x-', appProtocol: 'a b' },
          { name: 'b', port: 1 },
        ],
      },
      'ports twice': {
        'spec.ports': [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      'node ports twice': {
        'spec.type': 'NodePort',
        'spec.ports': [
          { name: 'a', port: 80, nodePort: 31900 },
          { name: 'b', port: 81, nodePort: 31900 },
        ],
      },
      'node port without its type': { 'spec.ports.0.nodePort': 31001 },
      'bad words': {
        'spec.type': 'Foo',
        'spec.sessionAffinity': 'Cookie',
        'spec.externalTrafficPolicy': 'X',
        'spec.internalTrafficPolicy': 'Y',
        'spec.trafficDistribution': 'Z',
      },
      'session affinity': { 'spec.sessionAffinity': 'ClientIP' },
      'session affinity for ever': {
        'spec.sessionAffinity': 'ClientIP',
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds': 100000,
      },
      'bad addresses from outside': { 'spec.externalIPs': ['x', '127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1'] },
      'address from outside': { 'spec.externalIPs': ['1.2.3.4'] },
      'load balancer fields without its type': {
        'spec.loadBalancerSourceRanges': ['1.2.3.4', '10.0.0.0/8'],
        'spec.allocateLoadBalancerNodePorts': true,
        'spec.loadBalancerClass': 'a/b',
        'spec.healthCheckNodePort': 30001,
      },
      'bad source ranges': { 'spec.type': 'LoadBalancer', 'spec.loadBalancerSourceRanges': ['x'] },
      'bad selector': { 'spec.selector': { 'a b': '-' } },
      'headless load balancer': { 'spec.type': 'LoadBalancer', 'spec.clusterIP': 'None' },
      'no ports': { 'spec.ports': [] },
    },
    update: {
      'no address given': { to: { 'spec.clusterIP': null, 'spec.clusterIPs': null } },
      'only one address given': { to: { 'spec.clusterIPs': null } },
      'another address': { to: { 'spec.clusterIP': '10.0.0.250', 'spec.clusterIPs': ['10.0.0.250'] } },
      'another address in one field': { to: { 'spec.clusterIP': '10.0.0.250' } },
      'a port': { to: { 'spec.ports.0.port': 81 } },
      'to node port': { to: { 'spec.type': 'NodePort' } },
      'from node port': { from: { 'spec.type': 'NodePort' }, to: { 'spec.type': 'ClusterIP' } },
      'node port left out': { from: { 'spec.type': 'NodePort' }, to: { 'spec.ports': [{ port: 80 }] } },
      'to load balancer': { to: { 'spec.type': 'LoadBalancer' } },
      'from load balancer': {
        from: { 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'a/b', 'spec.externalTrafficPolicy': 'Local' },
        to: { 'spec.type': 'ClusterIP' },
      },
      'load balancer class': {
        from: { 'spec.type': 'LoadBalancer', 'spec.loadBalancerClass': 'a/b' },
        to: { 'spec.loadBalancerClass': 'a/c' },
      },
      'to external name': { to: { 'spec.type': 'ExternalName', 'spec.externalName': 'a.b' } },
      'from external name': {
        from: { 'spec.type': 'ExternalName', 'spec.externalName': 'a.b' },
        to: { 'spec.type': 'ClusterIP', 'spec.externalName': null },
      },
      'to headless': { to: { 'spec.clusterIP': 'None', 'spec.clusterIPs': ['None'] } },
      'family changed': { from: { 'spec.clusterIP': '10.0.0.210' }, to: { 'spec.ipFamilies': ['IPv6'] } },
      'bad label and selector': { to: { 'metadata.labels': { a: '-' }, 'spec.selector': { b: '-' } } },
      'status of a load balancer': {
        from: { 'spec.type': 'LoadBalancer' },
        to: { 'status.loadBalancer.ingress': [{ ip: '1.2.3.4' }, { hostname: 'a.b' }] },
        subresource: 'status',
      },
      'bad status of a load balancer': {
        from: { 'spec.type': 'LoadBalancer' },
        to: {
          'status.loadBalancer.ingress': [
            { ip: 'x', ipMode: 'Y' },
            { hostname: '1.2.3.4', ipMode: 'VIP' },
          ],
        },
        subresource: 'status',
      },
      'status of no load balancer': {
        to: { 'status.loadBalancer.ingress': [{ ip: '1.2.3.4' }] },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'Endpoints',
    path: '/api/v1/namespaces/default/endpoints',
    base: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'endpoints' },
      subsets: [{ addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 80 }] }],
    },
    create: {
      minimal: {},
      empty: { subsets: null },
      'no addresses': { subsets: [{ ports: [{ port: 80 }] }] },
      'bad addresses': {
        subsets: [
          {
            addresses: [{ ip: 'x' }, { ip: '127.0.0.1', hostname: 'A', nodeName: 'B_' }],
            notReadyAddresses: [{ ip: '' }],
          },
        ],
      },
      'bad ports': {
        'subsets.0.ports': [
          { port: 0, protocol: 'X' },
          { name: 'A', port: 70000, appProtocol: 'a b' },
        ],
      },
    },
    update: {
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      'bad address': { to: { 'subsets.0.addresses.0.ip': 'x' } },
    },
  },
  {
    kind: 'EndpointSlice',
    path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    base: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'slice' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.1.1'] }],
      ports: [{ port: 80 }],
    },
    create: {
      minimal: {},
      'no address type': { addressType: null },
      'unknown address type': { addressType: 'IPX' },
      'address of another family': { 'endpoints.0.addresses': ['::1'] },
      'bad addresses': { 'endpoints.0.addresses': ['x', '127.0.0.1'], 'endpoints.1': { addresses: [] } },
      'IPv6 that is not canonical': {
        addressType: 'IPv6',
        'endpoints.0.addresses': ['2001:DB8::0:1', '::ffff:1.2.3.4'],
      },
      'names as addresses': { addressType: 'FQDN', 'endpoints.0.addresses': ['a', 'a.b', 'A.b', ''] },
      'bad ports': { ports: [{ name: 'A', protocol: 'X' }, { name: 'b' }, { name: 'b', appProtocol: 'c d' }] },
      'bad endpoint': {
        'endpoints.0.hostname': 'A.b',
        'endpoints.0.nodeName': 'B_',
        'endpoints.0.hints': { forZones: [{ name: 'a b' }, { name: 'z' }, { name: 'z' }], forNodes: [{ name: 'N_' }] },
      },
      'conditions and zone': { 'endpoints.0.conditions': { ready: true }, 'endpoints.0.zone': 'a' },
    },
    update: { 'address type': { to: { addressType: 'IPv6' } }, 'bad label': { to: { 'metadata.labels': { a: '-' } } } },
  },
];
