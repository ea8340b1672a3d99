import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt } from '../object.ts';
import { internalText, invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import {
  each,
  eachText,
  gather,
  has,
  objectAt,
  type Report,
  requiredText,
  same,
  says,
  textsAt,
} from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';

const methods = ['ByNamespace', 'ByUser'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const maxPrecedence = 10_000;
const maxQueues = 10_000_000;
/** Of a hash that picks queues. */
const maxHashBits = 60;
const zeroShares = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

/** The member of a subject that its kind asks for. */
const memberOfKind = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;
const kindNames = Object.keys(memberOfKind);
const everything = ['*'];
const allRequests = {
  resourceRules: [
    { verbs: everything, apiGroups: everything, resources: everything, clusterScope: true, namespaces: everything },
  ],
  nonResourceRules: [{ verbs: everything, nonResourceURLs: everything }],
};
const groups = (...names: readonly string[]): JsonObject[] => names.map((name) => ({ kind: 'Group', group: { name } }));

/** What nobody may change. @see k8s.io/kubernetes pkg/apis/flowcontrol/internalbootstrap */
const mandatorySchemas: Readonly<Record<string, JsonObject>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: groups('system:masters'), ...allRequests }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: maxPrecedence,
    distinguisherMethod: { type: 'ByUser' },
    rules: [{ subjects: groups('system:unauthenticated', 'system:authenticated'), ...allRequests }],
  },
};
const mandatoryLevels: Readonly<Record<string, JsonObject>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
  },
};

function checkStatus(status: unknown, report: Report): void {
  const types = new Set<string>();
  each(status, 'conditions', 'status', (condition, path) => {
    const type = stringAt(condition, 'type');
    if (types.has(type)) report(duplicate(`${path}.type`, type));
    types.add(type);
    if (type === '') report(required(`${path}.type`));
  });
}

function checkAccount(account: JsonObject, path: string, report: Report): void {
  const name = requiredText(account, 'name', path, report);
  if (name !== '' && name !== '*') says(dns1123SubdomainErrors(name), `${path}.name`, name, report);
  const namespace = requiredText(account, 'namespace', path, report, 'must specify namespace for service account');
  if (namespace !== '') says(dns1123LabelErrors(namespace), `${path}.namespace`, namespace, report);
}

function checkSubject(subject: JsonObject, path: string, report: Report): void {
  const kind = stringAt(subject, 'kind');
  if (!isSubjectKind(kind)) {
    report(notSupported(`${path}.kind`, kind, kindNames));
    return;
  }
  const wanted = memberOfKind[kind];
  const member = objectAt(subject, wanted);
  if (member === undefined)
    report(required(`${path}.${wanted}`, `${wanted} is required when subject kind is '${kind}'`));
  else if (kind === 'ServiceAccount') checkAccount(member, `${path}.${wanted}`, report);
  else requiredText(member, 'name', `${path}.${wanted}`, report);
  const others =
    kind === 'ServiceAccount' ? (['User', 'Group'] as const) : (['ServiceAccount', 'User', 'Group'] as const);
  for (const other of others) {
    const name = memberOfKind[other];
    if (other === kind || !has(subject, name)) continue;
    report(forbidden(`${path}.${name}`, `${name} is forbidden when subject kind is not '${other}'`));
  }
}

function isSubjectKind(kind: string): kind is keyof typeof memberOfKind {
  return Object.hasOwn(memberOfKind, kind);
}

/** A list in which `*` is alone. @returns whether it holds neither `*` nor nothing. */
function checkWildcard(
  owner: JsonObject,
  name: string,
  path: string,
  what: string,
  none: string,
  report: Report,
): boolean {
  const values = textsAt(owner, name);
  if (values.length === 0) {
    if (none !== '') report(required(`${path}.${name}`, none));
    return false;
  }
  if (!values.includes('*')) return true;
  if (values.length > 1)
    report(invalid(`${path}.${name}`, values, `if '*' is present, must not specify other ${what}`));
  return false;
}

function checkVerbs(rule: JsonObject, path: string, report: Report): void {
  if (!checkWildcard(rule, 'verbs', path, 'verbs', 'verbs must contain at least one value', report)) return;
  const given = textsAt(rule, 'verbs');
  if (!given.every((verb) => verbs.includes(verb))) report(notSupported(`${path}.verbs`, given, verbs));
}

function checkResourceRule(rule: JsonObject, path: string, report: Report): void {
  checkVerbs(rule, path, report);
  checkWildcard(rule, 'apiGroups', path, 'api groups', 'resource rules must supply at least one api group', report);
  checkWildcard(rule, 'resources', path, 'resources', 'resource rules must supply at least one resource', report);
  const none = 'resource rules that are not cluster scoped must supply at least one namespace';
  const unless = rule.clusterScope === true ? '' : none;
  if (!checkWildcard(rule, 'namespaces', path, 'namespaces', unless, report)) return;
  eachText(rule, 'namespaces', path, (namespace, at) => {
    const intro = "each member of this list must be '*' or a DNS-1123 label; ";
    says(
      dns1123LabelErrors(namespace).map((why) => intro + why),
      at,
      namespace,
      report,
    );
  });
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const wildcards = url.split('*').length - 1;
  return wildcards > 1 || (wildcards === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

function checkPathRule(rule: JsonObject, path: string, report: Report): void {
  checkVerbs(rule, path, report);
  const none = 'nonResourceURLs must contain at least one value';
  if (!checkWildcard(rule, 'nonResourceURLs', path, 'non-resource URLs', none, report)) return;
  eachText(rule, 'nonResourceURLs', path, (url, at) => {
    const problem = urlProblem(url);
    if (problem !== undefined) report(invalid(at, url, problem));
  });
}

function checkRule(rule: JsonObject, path: string, report: Report): void {
  if (listAt(rule, 'subjects').length === 0) {
    report(required(`${path}.subjects`, 'subjects must contain at least one value'));
  }
  each(rule, 'subjects', path, (subject, at) => checkSubject(subject, at, report));
  if (listAt(rule, 'resourceRules').length + listAt(rule, 'nonResourceRules').length === 0) {
    report(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  each(rule, 'resourceRules', path, (one, at) => checkResourceRule(one, at, report));
  each(rule, 'nonResourceRules', path, (one, at) => checkPathRule(one, at, report));
}

function checkPrecedence(name: string, precedence: number, report: Report): void {
  const wrong = (why: string): void => report(invalid('spec.matchingPrecedence', precedence, why));
  if (precedence <= 0) wrong('must be a positive value');
  if (precedence > maxPrecedence) wrong(`must not be greater than ${maxPrecedence}`);
  if (precedence === 1 && name !== 'exempt') wrong("only the schema named 'exempt' may have matchingPrecedence 1");
}

/** @see k8s.io/kubernetes pkg/apis/flowcontrol/validation `ValidateFlowSchema` */
export const validateFlowSchema: Validator = (schema, _old, subresource) =>
  gather((report) => {
    if (subresource !== 'status') checkSchema(schema, report);
    checkStatus(schema.status, report);
  });

function checkSchema(schema: ServerObject, report: Report): void {
  checkMetadataAgain(schema, report, undefined, false);
  const { name = '' } = schema.metadata;
  const spec = objectAt(schema, 'spec') ?? {};
  checkPrecedence(name, numberAt(spec, 'matchingPrecedence') ?? 0, report);
  const method = objectAt(spec, 'distinguisherMethod');
  if (method !== undefined && !methods.includes(stringAt(method, 'type'))) report(wrongMethod(method));
  const level = objectAt(spec, 'priorityLevelConfiguration') ?? {};
  const levelName = requiredText(
    level,
    'name',
    'spec.priorityLevelConfiguration',
    report,
    'must reference a priority level',
  );
  if (levelName !== '')
    says(dns1123SubdomainErrors(levelName), 'spec.priorityLevelConfiguration.name', levelName, report);
  each(spec, 'rules', 'spec', (rule, path) => checkRule(rule, path, report));
  const fixed = Object.hasOwn(mandatorySchemas, name) ? mandatorySchemas[name] : undefined;
  if (fixed === undefined || same(spec, fixed)) return;
  report(invalidInternal('spec', 'flowcontrol.FlowSchemaSpec', spec, `spec of '${name}' must equal the fixed value`));
}

/** The real server shows what holds the wrong word. */
function wrongMethod(method: JsonObject): FieldError {
  const { type, message } = notSupported('', '', methods);
  const shown = internalText('flowcontrol.FlowDistinguisherMethod', method);
  return { type, field: 'spec.distinguisherMethod.type', message: message.replace('""', () => shown) };
}

function checkPercent(owner: JsonObject, path: string, report: Report): void {
  const percent = numberAt(owner, 'lendablePercent');
  if (percent === undefined || (percent >= 0 && percent <= 100)) return;
  report(invalid(`${path}.lendablePercent`, percent, 'must be between 0 and 100, inclusive'));
}

function checkShares(owner: JsonObject, path: string, report: Report): void {
  const shares = numberAt(owner, 'nominalConcurrencyShares') ?? 0;
  if (shares < 0) report(invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
}

function checkQueues(queuing: JsonObject, path: string, report: Report): void {
  const [length = 0, queues = 0, hand = 0] = ['queueLengthLimit', 'queues', 'handSize'].map((name) =>
    numberAt(queuing, name),
  );
  if (length <= 0) report(invalid(`${path}.queueLengthLimit`, length, 'must be positive'));
  if (queues <= 0) report(invalid(`${path}.queues`, queues, 'must be positive'));
  else if (queues > maxQueues) report(invalid(`${path}.queues`, queues, `must not be greater than ${maxQueues}`));
  const at = `${path}.handSize`;
  if (hand <= 0) report(invalid(at, hand, 'must be positive'));
  else if (hand > queues) report(invalid(at, hand, `should not be greater than queues (${queues})`));
  else if (Math.ceil(Math.log2(queues) * hand) > maxHashBits) {
    const bits = `required entropy bits of deckSize ${queues} and handSize ${hand}`;
    report(invalid(at, hand, `${bits} should not be greater than ${maxHashBits}`));
  }
}

function checkLimits(limited: JsonObject, report: Report): void {
  const path = 'spec.limited';
  checkShares(limited, path, report);
  const response = objectAt(limited, 'limitResponse') ?? {};
  const at = `${path}.limitResponse`;
  const [type, queuing] = [stringAt(response, 'type'), objectAt(response, 'queuing')];
  if (type === 'Reject') {
    if (queuing !== undefined) {
      report(forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
    }
  } else if (type !== 'Queue') report(notSupported(`${at}.type`, type, ['Queue', 'Reject']));
  else if (queuing === undefined) {
    report(required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
  } else checkQueues(queuing, `${at}.queuing`, report);
  checkPercent(limited, path, report);
  const borrowing = numberAt(limited, 'borrowingLimitPercent') ?? 0;
  if (borrowing < 0) {
    report(invalid(`${path}.borrowingLimitPercent`, borrowing, 'if specified, must be a non-negative integer'));
  }
}

function checkLevelSpec(name: string, spec: JsonObject, report: Report): void {
  const [type, limited, exempt] = [stringAt(spec, 'type'), objectAt(spec, 'limited'), objectAt(spec, 'exempt')];
  if ((name === 'exempt') !== (type === 'Exempt')) {
    report(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited !== undefined) report(forbidden('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt !== undefined) {
      checkShares(exempt, 'spec.exempt', report);
      checkPercent(exempt, 'spec.exempt', report);
    }
  } else if (type === 'Limited') {
    if (exempt !== undefined) report(forbidden('spec.exempt', 'must be nil if the type is Limited'));
    if (limited === undefined) report(required('spec.limited', 'must not be empty when type is Limited'));
    else checkLimits(limited, report);
  } else report(notSupported('spec.type', type, ['Exempt', 'Limited']));
}

function checkMandatoryLevel(name: string, spec: JsonObject, report: Report): void {
  const fixed = Object.hasOwn(mandatoryLevels, name) ? mandatoryLevels[name] : undefined;
  if (fixed === undefined) return;
  const isExempt = name === 'exempt';
  if (same(isExempt ? { ...spec, exempt: fixed.exempt } : spec, fixed)) return;
  const but = isExempt ? " except the 'spec.exempt' field" : '';
  const why = `spec of '${name}'${but} must equal the fixed value`;
  report(invalidInternal('spec', 'flowcontrol.PriorityLevelConfigurationSpec', spec, why));
}

/** @see k8s.io/kubernetes pkg/apis/flowcontrol/validation `ValidatePriorityLevelConfiguration` */
export const validatePriorityLevel: Validator = (level, _old, subresource) =>
  gather((report) => {
    if (subresource !== 'status') {
      checkMetadataAgain(level, report, undefined, false);
      const { name = '', annotations = {} } = level.metadata;
      if (annotations?.[zeroShares] !== undefined) {
        report(forbidden('metadata.annotations', `annotation '${zeroShares}' is forbidden`));
      }
      const spec = objectAt(level, 'spec') ?? {};
      checkLevelSpec(name, spec, report);
      checkMandatoryLevel(name, spec, report);
    }
    checkStatus(level.status, report);
  });
