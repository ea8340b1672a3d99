import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadKubeConfig } from './load-kube-config.ts';

interface Sample {
  readonly cluster: string;
  readonly user: string;
  /** The names of cluster, user and context. */
  readonly names?: readonly [cluster: string, user: string, context: string];
  readonly namespace?: string;
  readonly top?: string;
}

/** A kubeconfig as the tool writes it: in block style, with its odd names and its extra fields. */
function written({ cluster, user, names = ['c', 'u', 'x'], namespace, top = '' }: Sample): string {
  const indented = (text: string): string => text.trim().replaceAll('\n', '\n    ');
  return `apiVersion: v1
${top}clusters:
- cluster:
    ${indented(cluster)}
  name: ${names[0]}
contexts:
- context:
    cluster: ${names[0]}
    user: ${names[1]}${namespace === undefined ? '' : `\n    namespace: ${namespace}`}
  name: ${names[2]}
current-context: ${names[2]}
kind: Config
preferences: {}
users:
- name: ${names[1]}
  user:
    ${indented(user)}
`;
}

const ca = 'certificate-authority-data: LS0tLS1CRUdJTiA=\n';
const certificates = 'client-certificate-data: LS0tY2VydA==\nclient-key-data: LS0ta2V5';
const eks = 'arn:aws:eks:eu-central-1:111122223333:cluster/shop';

const samples: Readonly<Record<string, [sample: Sample, expected: object]>> = {
  kind: [
    {
      cluster: `${ca}server: https://127.0.0.1:40541`,
      user: certificates,
      names: ['kind-kind', 'kind-kind', 'kind-kind'],
    },
    {
      cluster: { server: 'https://127.0.0.1:40541' },
      user: { clientCertificateData: 'LS0tY2VydA==', clientKeyData: 'LS0ta2V5' },
    },
  ],
  minikube: [
    {
      cluster: `certificate-authority: /home/me/.minikube/ca.crt
extensions:
- extension:
    last-update: Sat, 21 Nov 2026 10:00:00 UTC
    provider: minikube.sigs.k8s.io
    version: v1.36.0
  name: cluster_info
server: https://192.168.49.2:8443`,
      user: 'client-certificate: /home/me/.minikube/profiles/minikube/client.crt\nclient-key: /home/me/.minikube/profiles/minikube/client.key',
      namespace: 'default',
    },
    {
      cluster: { certificateAuthority: '/home/me/.minikube/ca.crt' },
      user: { clientCertificate: '/home/me/.minikube/profiles/minikube/client.crt' },
      namespace: 'default',
    },
  ],
  'k3s and RKE2': [
    { cluster: `${ca}server: https://127.0.0.1:6443`, user: certificates, names: ['default', 'default', 'default'] },
    { names: { context: 'default', cluster: 'default', user: 'default' } },
  ],
  'Docker Desktop': [
    { cluster: 'insecure-skip-tls-verify: true\nserver: https://kubernetes.docker.internal:6443', user: certificates },
    { cluster: { insecureSkipTlsVerify: true } },
  ],
  'Amazon EKS': [
    {
      cluster: `${ca}server: https://ABCDEF0123456789.gr7.eu-central-1.eks.amazonaws.com`,
      user: `exec:
  apiVersion: client.authentication.k8s.io/v1beta1
  args:
  - --region
  - eu-central-1
  - eks
  - get-token
  - --cluster-name
  - shop
  - --output
  - json
  command: aws
  env:
  - name: AWS_PROFILE
    value: prod`,
      names: [eks, eks, eks],
    },
    {
      names: { cluster: eks },
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'aws',
          args: ['--region', 'eu-central-1', 'eks', 'get-token', '--cluster-name', 'shop', '--output', 'json'],
          env: { AWS_PROFILE: 'prod' },
        },
      },
    },
  ],
  'Google GKE': [
    {
      cluster: `${ca}server: https://34.89.1.2`,
      user: `exec:
  apiVersion: client.authentication.k8s.io/v1beta1
  args: null
  command: gke-gcloud-auth-plugin
  env: null
  installHint: Install gke-gcloud-auth-plugin for use with kubectl
  interactiveMode: IfAvailable
  provideClusterInfo: true`,
      names: ['gke_shop_europe-west3_main', 'gke_shop_europe-west3_main', 'gke_shop_europe-west3_main'],
    },
    { user: { exec: { command: 'gke-gcloud-auth-plugin', provideClusterInfo: true, interactiveMode: 'IfAvailable' } } },
  ],
  'Azure AKS with kubelogin': [
    {
      cluster: `${ca}server: https://shop-dns-1234.hcp.westeurope.azmk8s.io:443`,
      user: `exec:
  apiVersion: client.authentication.k8s.io/v1beta1
  args: [get-token, --login, azurecli, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630]
  command: kubelogin
  env: null
  provideClusterInfo: false`,
      names: ['shop', 'clusterUser_group_shop', 'shop'],
    },
    { user: { exec: { command: 'kubelogin', provideClusterInfo: false } }, names: { user: 'clusterUser_group_shop' } },
  ],
  'Azure AKS, local account': [
    { cluster: `${ca}server: https://h:443`, user: `${certificates}\ntoken: 0a1b2c` },
    { user: { token: '0a1b2c', clientKeyData: 'LS0ta2V5' } },
  ],
  OpenShift: [
    {
      cluster: 'insecure-skip-tls-verify: true\nserver: https://api.host:6443',
      user: 'token: sha256~abc',
      names: ['api-host:6443', 'kube:admin/api-host:6443', 'shop/api-host:6443/kube:admin'],
      namespace: 'shop',
    },
    { user: { token: 'sha256~abc' }, namespace: 'shop', names: { context: 'shop/api-host:6443/kube:admin' } },
  ],
  Rancher: [
    {
      cluster: 'server: "https://rancher.host/k8s/clusters/c-m-abcdefgh"',
      user: 'token: "kubeconfig-user-abc:secret"',
      names: ['"shop"', '"shop"', '"shop"'],
    },
    {
      cluster: { server: 'https://rancher.host/k8s/clusters/c-m-abcdefgh' },
      user: { token: 'kubeconfig-user-abc:secret' },
    },
  ],
  'DigitalOcean, command by its path': [
    {
      cluster: `${ca}server: https://id.k8s.ondigitalocean.com`,
      user: `exec:
  apiVersion: client.authentication.k8s.io/v1beta1
  args: [kubernetes, cluster, kubeconfig, exec-credential, --version=v1beta1, --context=default, id]
  command: /usr/local/bin/doctl
  env: null
  interactiveMode: IfAvailable`,
    },
    { user: { exec: { command: resolve('/usr/local/bin/doctl') } } },
  ],
  'kubectl oidc-login': [
    {
      cluster: `${ca}server: https://h`,
      user: `exec:
  apiVersion: client.authentication.k8s.io/v1
  args: [oidc-login, get-token, --oidc-issuer-url=https://issuer, --oidc-client-id=kube]
  command: kubectl
  env: null
  interactiveMode: Never
  provideClusterInfo: false`,
    },
    { user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' } } },
  ],
  'a service account behind a proxy': [
    {
      cluster: `${ca}proxy-url: http://me:s3cret@proxy:3128\nserver: https://h\ntls-server-name: kubernetes.default`,
      user: 'tokenFile: /var/run/token\nas: system:serviceaccount:shop:bot\nas-groups: null',
    },
    {
      cluster: { tlsServerName: 'kubernetes.default' },
      user: { tokenFile: resolve('/var/run/token'), impersonate: { user: 'system:serviceaccount:shop:bot' } },
    },
  ],
  'an older kubectl': [
    { cluster: `${ca}server: https://h`, user: 'username: admin\npassword: "1234"', top: 'extensions: []\n' },
    { user: { username: 'admin', password: '1234' } },
  ],
};

test.each(Object.entries(samples))('loadKubeConfig reads what %s writes', async (_, [sample, expected]) => {
  expect(await loadKubeConfig({ text: written(sample) })).toMatchObject(expected);
});
