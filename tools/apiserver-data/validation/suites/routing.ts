import type { Suite } from '../suite.ts';

const apiVersion = 'networking.k8s.io/v1';
const namespaced = '/apis/networking.k8s.io/v1/namespaces/default';
const backend = { service: { name: 'web', port: { number: 80 } } };
const path = { path: '/', pathType: 'Prefix', backend };
const paths = (...list: unknown[]): unknown => list.map((one) => ({ ...path, ...(one as object) }));

export const routing: readonly Suite[] = [
  {
    kind: 'Ingress',
    path: `${namespaced}/ingresses`,
    base: {
      apiVersion,
      kind: 'Ingress',
      metadata: { name: 'ingress' },
      spec: { rules: [{ host: 'example.com', http: { paths: [path] } }] },
    },
    create: {
      minimal: {},
      'default backend': {
        spec: { defaultBackend: backend, ingressClassName: 'nginx', tls: [{ hosts: ['a.example.com'] }] },
      },
      'no rules': { spec: {} },
      'rule without paths': { 'spec.rules': [{ host: 'a.b' }, { http: { paths: [] } }] },
      'path types': {
        'spec.rules.0.http.paths': paths(
          { pathType: null },
          { pathType: 'Regex' },
          { path: 'a' },
          { path: '', pathType: 'ImplementationSpecific' },
          { path: 'a', pathType: 'ImplementationSpecific' },
          { path: '/a//b/./c/../d%2fe%2F/..', pathType: 'Exact' },
          { path: '/a/.', pathType: 'Exact' },
          { path: null },
        ),
      },
      'bad backends': {
        'spec.rules.0.http.paths': paths(
          { backend: {} },
          { backend: { service: { name: 'web' } } },
          { backend: { service: { name: 'web', port: { number: 80, name: 'http' } } } },
          { backend: { service: { name: 'Web_', port: { number: 80_000 } } } },
          { backend: { service: { name: '', port: { name: 'too-long-for-a-port-name' } } } },
          { backend: { ...backend, resource: { kind: 'A', name: 'b' } } },
          { backend: { resource: { apiGroup: 'A_', kind: '', name: 'a/b' } } },
        ),
      },
      'good resource backend': {
        'spec.rules.0.http.paths': paths({ backend: { resource: { apiGroup: 'example.com', kind: 'A', name: 'b' } } }),
      },
      'bad hosts': {
        'spec.rules': ['1.2.3.4', 'A.b', '*.example.com', '*', 'a.*.b'].map((host) => ({
          host,
          http: { paths: [path] },
        })),
      },
      'bad tls and class': {
        'spec.tls': [{ hosts: ['A', '*.b.c', '*'], secretName: 'A_' }],
        'spec.ingressClassName': 'A_',
      },
      'empty class': { 'spec.ingressClassName': '' },
      'class and annotation': {
        'spec.ingressClassName': 'a',
        'metadata.annotations': { 'kubernetes.io/ingress.class': 'b' },
      },
      'annotation alone': { 'metadata.annotations': { 'kubernetes.io/ingress.class': 'B_' } },
      'bad name and label': { 'metadata.name': 'A', 'metadata.labels': { a: '-' } },
      'status of its own': { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
    },
    update: {
      host: { to: { 'spec.rules.0.host': 'b.example.com' } },
      'no rules': { to: { 'spec.rules': null } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      'class and annotation': {
        to: { 'spec.ingressClassName': 'a', 'metadata.annotations': { 'kubernetes.io/ingress.class': 'b' } },
      },
      status: {
        to: { 'status.loadBalancer': { ingress: [{ ip: '1.2.3.4', ports: [{ port: 80, protocol: 'TCP' }] }] } },
        subresource: 'status',
      },
      'bad status': {
        to: { 'status.loadBalancer': { ingress: [{ ip: '1.2.3' }, { hostname: '1.2.3.4' }, { hostname: 'A_' }] } },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'IngressClass',
    path: '/apis/networking.k8s.io/v1/ingressclasses',
    base: {
      apiVersion,
      kind: 'IngressClass',
      metadata: { name: 'class' },
      spec: { controller: 'example.com/controller' },
    },
    create: {
      minimal: {},
      parameters: { 'spec.parameters': { kind: 'A', name: 'b' } },
      'empty scope': { 'spec.parameters': { kind: 'A', name: 'b', scope: '' } },
      'no controller': { spec: null },
      'bad controller': { 'spec.controller': 'a/b c' },
      'controller without path': { 'spec.controller': 'example.com' },
      'controller too long': { 'spec.controller': `example.com/${'a'.repeat(250)}` },
      'namespace missing': { 'spec.parameters': { kind: 'A', name: 'b', scope: 'Namespace' } },
      'namespace too much': { 'spec.parameters': { kind: 'A', name: 'b', namespace: 'c' } },
      'bad parameters': { 'spec.parameters': { apiGroup: 'A_', kind: '', name: 'a/b', scope: 'X', namespace: 'C_' } },
      'bad namespace': { 'spec.parameters': { kind: 'A', name: 'b', scope: 'Namespace', namespace: 'C_' } },
    },
    update: {
      controller: { to: { 'spec.controller': 'example.com/other', 'metadata.labels': { a: '-' } } },
      parameters: { to: { 'spec.parameters': { kind: 'A', name: 'b', scope: 'Cluster' } } },
    },
  },
  {
    kind: 'NetworkPolicy',
    path: `${namespaced}/networkpolicies`,
    base: { apiVersion, kind: 'NetworkPolicy', metadata: { name: 'policy' }, spec: { podSelector: {} } },
    create: {
      minimal: {},
      'nothing at all': { spec: null },
      'egress only': { 'spec.egress': [{}] },
      'empty egress': { 'spec.egress': [] },
      'ports and peers': {
        'spec.ingress': [
          {
            ports: [{ port: 80 }, { port: 'http', protocol: 'UDP' }, { port: 1, endPort: 2 }, {}],
            from: [
              { podSelector: { matchLabels: { a: 'b' } }, namespaceSelector: {} },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
          },
        ],
      },
      'bad selector': { 'spec.podSelector': { matchLabels: { 'a b': '-' } } },
      'bad ports': {
        'spec.ingress': [
          {
            ports: [
              { port: 0 },
              { port: 80_000, protocol: 'ICMP' },
              { port: 'no such name!', protocol: '' },
              { endPort: 5 },
              { port: 'http', endPort: 5 },
              { port: 10, endPort: 5 },
              { port: 10, endPort: 90_000 },
            ],
          },
        ],
      },
      'bad peers': {
        'spec.ingress': [
          {
            from: [
              {},
              { podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } },
              { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Maybe' }] } },
            ],
          },
        ],
      },
      'bad blocks': {
        'spec.egress': [
          {
            to: [
              { ipBlock: {} },
              { ipBlock: { cidr: '10.0.0.1' } },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/16', 'x', '10.0.0.0/4'] } },
              { ipBlock: { cidr: 'fe80::/10', except: ['fe80::/12'] } },
              { ipBlock: { cidr: '010.0.0.0/8' } },
              { ipBlock: { cidr: '10.0.0.5/8' } },
            ],
          },
        ],
      },
      'unknown policy types': { 'spec.policyTypes': ['Ingress', 'Other'] },
      'too many policy types': { 'spec.policyTypes': ['Ingress', 'Egress', 'Other'] },
      'bad name': { 'metadata.name': 'A' },
    },
    update: {
      selector: { to: { 'spec.podSelector': { matchLabels: { a: 'b' } } } },
      'bad selector and label': {
        to: { 'spec.podSelector': { matchLabels: { a: '-' } }, 'metadata.labels': { b: '-' } },
      },
    },
  },
];
