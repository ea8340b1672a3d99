import { labelKeyProblems, labelValueProblems } from '@bowline/apimachinery';
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { nameIsLabel } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, stringAt } from '../object.ts';
import { each, eachText, has, objectAt, type Report, says } from './validate-fields.ts';
import {
  checkLabelSelector,
  checkMatchLabelKeys,
  checkNodeSelector,
  checkNodeSelectorTerm,
} from './validate-selectors.ts';

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const required_ = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateTaintEffect` */
export function checkTaintEffect(effect: string, field: string, report: Report): void {
  if (!taintEffects.includes(effect)) report(notSupported(field, effect, taintEffects));
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `ValidateTolerations` */
export function checkTolerations(owner: unknown, field: string, report: Report): void {
  each(owner, 'tolerations', field, (toleration, path) => {
    const [key, operator] = [stringAt(toleration, 'key'), stringAt(toleration, 'operator')];
    const [value, effect] = [stringAt(toleration, 'value'), stringAt(toleration, 'effect')];
    if (key !== '') says(labelKeyProblems(key), `${path}.key`, key, report);
    else if (operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      report(invalid(`${path}.operator`, operator, why));
    }
    if (has(toleration, 'tolerationSeconds') && effect !== 'NoExecute') {
      report(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    checkTolerationOperator(operator, value, `${path}.operator`, report);
    if (effect !== '') checkTaintEffect(effect, `${path}.effect`, report);
  });
}

function checkTolerationOperator(operator: string, value: string, field: string, report: Report): void {
  switch (operator) {
    case 'Equal':
    case '': {
      const problems = labelValueProblems(value);
      if (problems.length > 0) report(invalid(field, value, problems.join(';')));
      break;
    }
    case 'Exists':
      if (value !== '') report(invalid(field, value, "value must be empty when `operator` is 'Exists'"));
      break;
    case 'Lt':
    case 'Gt':
      report(notSupported(field, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
      break;
    default:
      report(notSupported(field, operator, ['Equal', 'Exists']));
  }
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateAffinity` */
export function checkAffinity(affinity: JsonObject | undefined, field: string, report: Report): void {
  const node = objectAt(affinity, 'nodeAffinity');
  if (node !== undefined) {
    const selector = objectAt(node, required_);
    if (selector !== undefined) checkNodeSelector(selector, `${field}.nodeAffinity.${required_}`, report);
    each(node, preferred, `${field}.nodeAffinity`, (term, path) => {
      checkWeight(term, path, report);
      checkNodeSelectorTerm(objectAt(term, 'preference') ?? {}, `${path}.preference`, report, false);
    });
  }
  for (const name of ['podAffinity', 'podAntiAffinity']) {
    const pods = objectAt(affinity, name);
    each(pods, required_, `${field}.${name}`, (term, path) => checkPodAffinityTerm(term, path, report));
    each(pods, preferred, `${field}.${name}`, (term, path) => {
      checkWeight(term, path, report);
      checkPodAffinityTerm(objectAt(term, 'podAffinityTerm') ?? {}, `${path}.podAffinityTerm`, report);
    });
  }
}

function checkWeight(term: JsonObject, field: string, report: Report): void {
  const weight = numberAt(term, 'weight') ?? 0;
  if (weight <= 0 || weight > 100) report(invalid(`${field}.weight`, weight, 'must be in the range 1-100'));
}

function checkPodAffinityTerm(term: JsonObject, field: string, report: Report): void {
  for (const name of ['labelSelector', 'namespaceSelector']) checkLabelSelector(term[name], `${field}.${name}`, report);
  eachText(term, 'namespaces', field, (name) => says(nameIsLabel(name, false), `${field}.namespace`, name, report));
  checkMatchLabelKeys(term, field, report);
  const key = stringAt(term, 'topologyKey');
  if (key === '') report(required(`${field}.topologyKey`, 'can not be empty'));
  says(labelKeyProblems(key), `${field}.topologyKey`, key, report);
}

const unsatisfiableActions = ['DoNotSchedule', 'ScheduleAnyway'];
const nodePolicies = ['Honor', 'Ignore'];

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateTopologySpreadConstraints` */
export function checkTopologySpread(spec: JsonObject, field: string, report: Report): void {
  const constraints = listAt(spec, 'topologySpreadConstraints');
  each(spec, 'topologySpreadConstraints', field, (constraint, path, index) => {
    const [key, action] = [stringAt(constraint, 'topologyKey'), stringAt(constraint, 'whenUnsatisfiable')];
    checkAboveZero(numberAt(constraint, 'maxSkew') ?? 0, `${path}.maxSkew`, report);
    if (key === '') report(required(`${path}.topologyKey`, 'can not be empty'));
    if (!unsatisfiableActions.includes(action)) {
      report(notSupported(`${path}.whenUnsatisfiable`, action, unsatisfiableActions));
    }
    const repeated = constraints
      .slice(index + 1)
      .some((other) => stringAt(other, 'topologyKey') === key && stringAt(other, 'whenUnsatisfiable') === action);
    if (repeated) report(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${action}}`));
    const domains = numberAt(constraint, 'minDomains');
    if (domains !== undefined) {
      checkAboveZero(domains, `${path}.minDomains`, report);
      if (action !== 'DoNotSchedule') {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
        report(invalid(`${path}.minDomains`, domains, why));
      }
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      const policy = constraint[name];
      if (typeof policy === 'string' && !nodePolicies.includes(policy)) {
        report(notSupported(`${path}.${name}`, policy, nodePolicies));
      }
    }
    checkMatchLabelKeys({ ...constraint, mismatchLabelKeys: [] }, path, report);
    checkLabelSelector(constraint.labelSelector, `${path}.labelSelector`, report);
  });
}

function checkAboveZero(value: number, field: string, report: Report): void {
  if (value <= 0) report(invalid(field, value, 'must be greater than zero'));
}

/** Gates may have gone; none may have come. */
export function checkGatesOnlyRemoved(now: JsonObject, old: JsonObject, field: string, report: Report): void {
  const known = new Set(listAt(old, 'schedulingGates').map((gate) => stringAt(gate, 'name')));
  each(now, 'schedulingGates', field, (gate, path) => {
    const name = stringAt(gate, 'name');
    if (known.has(name)) return;
    report(forbidden(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
}

/** @see k8s.io/kubernetes pkg/apis/core/validation `validateSchedulingGates` */
export function checkSchedulingGates(spec: JsonObject, field: string, report: Report): void {
  const seen = new Set<string>();
  each(spec, 'schedulingGates', field, (gate, path) => {
    const name = stringAt(gate, 'name');
    says(labelKeyProblems(name), path, name, report);
    if (seen.has(name)) report(duplicate(path, name));
    seen.add(name);
  });
}
