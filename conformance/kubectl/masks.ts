/**
 * What may differ between kubectl's output on two servers that behave the same. Each mask says why; anything else must be equal.
 * They are applied in this order.
 */
const masks: readonly { readonly what: string; readonly pattern: RegExp; readonly mask: string }[] = [
  {
    what: 'log lines of kubectl about its own watch at the moment when its own --timeout is over: a race within kubectl',
    pattern: /^[IWE]\d{4} .*reflector\.go:\d+\].*(context deadline exceeded|very short watch).*\n/gm,
    mask: '',
  },
  { what: 'uids are random', pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, mask: '<uid>' },
  { what: 'times are those of the run', pattern: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, mask: '<time>' },
  {
    what: 'times are those of the run, as describe prints them',
    pattern: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g,
    mask: '<time>',
  },
  { what: 'one counter of versions per server', pattern: /(?<=resourceVersion"?: ?)"?\d+"?/g, mask: '<rv>' },
  {
    what: 'one counter of versions per server, as describe prints it',
    pattern: /(?<=Resource Version: +)\d+/g,
    mask: '<rv>',
  },
  { what: 'a temporary file of kubectl edit', pattern: /kubectl-edit-\d+/g, mask: 'kubectl-edit-<random>' },
  { what: 'cluster IPs are taken from a pool', pattern: /\b10\.\d+\.\d+\.\d+\b/g, mask: '<ip>' },
  { what: 'the address of the server', pattern: /https?:\/\/127\.0\.0\.1:\d+/g, mask: '<server>' },
  {
    what: 'node ports are taken from a pool',
    pattern: /(?<=\b\d+:|nodePort"?: ?|NodePort: .*)3[0-2]\d{3}\b/g,
    mask: '<port>',
  },
  {
    what: 'ages and durations are those of the run: 119s becomes 2m, then 2m1s',
    pattern: /(?<=[\s(]|^)((\d+d)?(\d+h)?(\d+m)?\d+m?s|[2-9]m)(?=[\s),]|$)/gm,
    mask: '<age>',
  },
  { what: 'an age that has just begun', pattern: /<invalid>/g, mask: '<age>' },
  {
    what: 'hashes of pod templates: a ReplicaSet of another server has another name for the same template',
    pattern: /(?<=-|pod-template-hash[=":]+ ?)[bcdfghjklmnpqrstvwxz2456789]{6,10}(?=[-"\s/,]|$)/gm,
    mask: '<hash>',
  },
  {
    what: 'generated suffixes of names, in the alphabet that Kubernetes uses',
    pattern: /(?<=[a-z0-9>]-)[bcdfghjklmnpqrstvwxz2456789]{5}(?=["\s/]|$)/gm,
    mask: '<random>',
  },
  { what: 'columns are as wide as what they hold', pattern: /(?<=\S) {2,}(?=\S)/g, mask: '  ' },
  { what: 'columns are as wide as what they hold', pattern: / +$/gm, mask: '' },
];

/** Text of kubectl without what may differ. */
export function masked(text: string): string {
  return masks.reduce((rest, { pattern, mask }) => rest.replaceAll(pattern, mask), text);
}
