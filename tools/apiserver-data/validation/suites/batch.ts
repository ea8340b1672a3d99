import type { Suite } from '../suite.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'busybox' }] } };

const policy = (rule: Record<string, unknown>): Record<string, unknown> => ({
  'spec.podFailurePolicy': { rules: [rule] },
});

export const batch: readonly Suite[] = [
  {
    kind: 'Job',
    path: '/apis/batch/v1/namespaces/default/jobs',
    base: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { template } },
    create: {
      minimal: {},
      'no spec': { spec: null },
      'restarts always': { 'spec.template.spec.restartPolicy': null },
      'restarts somehow': { 'spec.template.spec.restartPolicy': 'Sometimes' },
      'no containers': { 'spec.template.spec.containers': [] },
      'labels of its own': { 'spec.template.metadata.labels': { a: 'b' }, 'metadata.labels': { c: 'd' } },
      'selector of its own': { 'spec.selector': { matchLabels: { a: 'b' } } },
      'manual selector': {
        'spec.manualSelector': true,
        'spec.selector': { matchLabels: { a: 'b' } },
        'spec.template.metadata.labels': { a: 'b' },
      },
      'manual selector, and labels that are empty': {
        'spec.manualSelector': true,
        'spec.selector': { matchLabels: { a: 'b' } },
        'spec.template.metadata.labels': {},
      },
      'manual selector missing': { 'spec.manualSelector': true },
      'label of another job': { 'spec.template.metadata.labels': { 'job-name': 'other' } },
      'negative numbers': {
        'spec.parallelism': -1,
        'spec.completions': -2,
        'spec.activeDeadlineSeconds': -3,
        'spec.backoffLimit': -4,
        'spec.ttlSecondsAfterFinished': -5,
      },
      'only parallelism': { 'spec.parallelism': 3 },
      'only completions': { 'spec.completions': 3 },
      indexed: { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.backoffLimitPerIndex': 1 },
      'indexed without completions': { 'spec.completionMode': 'Indexed', 'spec.parallelism': 200000 },
      'indexed with a long name': {
        'metadata.name': 'a'.repeat(62),
        'spec.completionMode': 'Indexed',
        'spec.completions': 30,
      },
      'unknown mode': { 'spec.completionMode': 'Foo' },
      'limits per index without index': { 'spec.backoffLimitPerIndex': 1, 'spec.maxFailedIndexes': 1 },
      'failed indexes alone': { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.maxFailedIndexes': 5 },
      'very many': {
        'spec.completionMode': 'Indexed',
        'spec.completions': 200000,
        'spec.parallelism': 20000,
        'spec.backoffLimitPerIndex': 1,
      },
      'managed by nonsense': { 'spec.managedBy': 'foo' },
      'managed by somebody': { 'spec.managedBy': 'example.com/controller' },
      'pod replacement': { 'spec.podReplacementPolicy': 'Foo' },
      'failure policy': policy({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }),
      'failure policy with restarts': {
        ...policy({ action: 'Count', onExitCodes: { operator: 'In', values: [1] } }),
        'spec.template.spec.restartPolicy': 'OnFailure',
        'spec.podReplacementPolicy': 'TerminatingOrFailed',
      },
      'bad failure policy': {
        'spec.podFailurePolicy': {
          rules: [
            { action: 'Foo', onExitCodes: { operator: 'Bar', values: [0, 3, 2, 3], containerName: 'x' } },
            { onExitCodes: { operator: 'In', values: [0] }, onPodConditions: [{ type: 'a b', status: 'Perhaps' }] },
            { action: 'FailIndex' },
            { action: 'Count', onExitCodes: {} },
          ],
        },
      },
      'success policy': {
        'spec.completionMode': 'Indexed',
        'spec.completions': 5,
        'spec.successPolicy': { rules: [{ succeededIndexes: '0-2', succeededCount: 1 }] },
      },
      'bad success policy': {
        'spec.completionMode': 'Indexed',
        'spec.completions': 5,
        'spec.successPolicy': {
          rules: [
            {},
            { succeededIndexes: '3-1' },
            { succeededIndexes: '0,9' },
            { succeededIndexes: 'x', succeededCount: 9 },
            { succeededIndexes: '1-2-3' },
          ],
        },
      },
      'success policy without index': { 'spec.successPolicy': { rules: [{ succeededCount: 1 }] } },
      'no rules of success': {
        'spec.completionMode': 'Indexed',
        'spec.completions': 1,
        'spec.successPolicy': { rules: [] },
      },
      suspended: { 'spec.suspend': true },
    },
    update: {
      'template with lists and maps that are empty': {
        to: {
          'spec.template.spec.volumes': [],
          'spec.template.spec.nodeSelector': {},
          'spec.template.spec.containers.0.image': 'other',
        },
      },
      parallelism: { to: { 'spec.parallelism': 5 } },
      completions: { to: { 'spec.completions': 5 } },
      selector: { to: { 'spec.selector.matchLabels': { a: 'b' } } },
      'template of a suspended one': {
        from: { 'spec.suspend': true },
        to: { 'spec.template.spec.nodeSelector': { a: 'b' }, 'spec.template.metadata.annotations': { c: 'd' } },
      },
      'image of a suspended one': {
        from: { 'spec.suspend': true },
        to: { 'spec.template.spec.containers.0.image': 'other' },
      },
      'completion mode': { to: { 'spec.completionMode': 'Indexed' } },
      'failure policy': {
        to: { 'spec.podFailurePolicy': { rules: [{ action: 'Count', onExitCodes: { operator: 'In', values: [1] } }] } },
      },
      'completions of an indexed one': {
        from: { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.parallelism': 3 },
        to: { 'spec.completions': 4 },
      },
      'completions and parallelism of an indexed one': {
        from: { 'spec.completionMode': 'Indexed', 'spec.completions': 3, 'spec.parallelism': 3 },
        to: { 'spec.completions': 4, 'spec.parallelism': 4 },
      },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
      'no restarts': { to: { 'spec.template.spec.restartPolicy': 'Always' } },
      status: { to: { 'status.active': 1, 'status.startTime': '2026-01-01T00:00:00Z' }, subresource: 'status' },
      'bad status': {
        to: { 'status.active': -1, 'status.ready': 2, 'status.completedIndexes': '1', 'status.failedIndexes': '2' },
        subresource: 'status',
      },
      'finished in many wrong ways': {
        to: {
          'status.active': 1,
          'status.conditions': [
            { type: 'Complete', status: 'True' },
            { type: 'Failed', status: 'True' },
          ],
          'status.uncountedTerminatedPods': { succeeded: ['a', 'a'] },
        },
        subresource: 'status',
      },
      'finished well': {
        to: {
          'status.startTime': '2026-01-01T00:00:00Z',
          'status.completionTime': '2026-01-01T00:01:00Z',
          'status.succeeded': 1,
          'status.conditions': [
            { type: 'SuccessCriteriaMet', status: 'True' },
            { type: 'Complete', status: 'True' },
          ],
        },
        subresource: 'status',
      },
      'completed before it started': {
        to: {
          'status.startTime': '2026-01-01T00:02:00Z',
          'status.completionTime': '2026-01-01T00:01:00Z',
        },
        subresource: 'status',
      },
    },
  },
  {
    kind: 'CronJob',
    path: '/apis/batch/v1/namespaces/default/cronjobs',
    base: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'cron' },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } } },
    },
    create: {
      minimal: {},
      'no schedule': { 'spec.schedule': null },
      'four fields': { 'spec.schedule': '* * * *' },
      nonsense: { 'spec.schedule': 'a b c d e' },
      'too large': { 'spec.schedule': '60 * * * *' },
      'too small': { 'spec.schedule': '* * 0 * *' },
      'ends before it starts': { 'spec.schedule': '5-1 * * * *' },
      'too many hyphens': { 'spec.schedule': '1-2-3 * * * *' },
      'too many slashes': { 'spec.schedule': '1/2/3 * * * *' },
      'step of 0': { 'spec.schedule': '*/0 * * * *' },
      'names of days': { 'spec.schedule': '0 0 1 JAN-mar sun,1' },
      daily: { 'spec.schedule': '@daily' },
      sometimes: { 'spec.schedule': '@sometimes' },
      every: { 'spec.schedule': '@every 1h30m' },
      'every nonsense': { 'spec.schedule': '@every 5' },
      'zone in the schedule': { 'spec.schedule': 'TZ=UTC 0 0 * * *' },
      'time zone': { 'spec.timeZone': 'Europe/Berlin' },
      'empty time zone': { 'spec.timeZone': '' },
      'unknown time zone': { 'spec.timeZone': 'Europe/Atlantis' },
      'time zone that is local': { 'spec.timeZone': 'Local' },
      'time zone with spaces': { 'spec.timeZone': 'a b' },
      'time zone in lower case': { 'spec.timeZone': 'europe/berlin' },
      'bad words and numbers': {
        'spec.concurrencyPolicy': 'Foo',
        'spec.startingDeadlineSeconds': -1,
        'spec.successfulJobsHistoryLimit': -1,
        'spec.failedJobsHistoryLimit': -1,
      },
      'long name': { 'metadata.name': 'a'.repeat(53) },
      'bad template': {
        'spec.jobTemplate.spec.template.spec.restartPolicy': 'Always',
        'spec.jobTemplate.spec.parallelism': -1,
        'spec.jobTemplate.spec.selector': { matchLabels: { a: 'b' } },
        'spec.jobTemplate.spec.manualSelector': true,
      },
    },
    update: {
      suspend: { to: { 'spec.suspend': true } },
      schedule: { to: { 'spec.schedule': 'x' } },
      template: { to: { 'spec.jobTemplate.spec.template.spec.containers.0.image': 'y' } },
      'bad label': { to: { 'metadata.labels': { a: '-' } } },
    },
  },
];
