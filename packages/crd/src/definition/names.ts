import type { CustomResourceDefinitionNames } from '@bowline/api/apiextensions/v1';
import { at, child, type FieldError, invalid, required } from '../field-error.ts';
import { dnsLetterLabelProblems, dnsSubdomainProblems, maskTrailingDash } from '../names.ts';
import type { CrdSpec } from './internal.ts';

/** What is wrong with the name of a definition: it is the plural, a dot and the group. */
export function definitionNameProblems(name: string, isPrefix: boolean, spec: CrdSpec): string[] {
  const problems = dnsSubdomainProblems(isPrefix ? maskTrailingDash(name) : name);
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  return name === wanted ? problems : [...problems, 'must be spec.names.plural+"."+spec.group'];
}

/** Names that a definition must have. */
export function missingNames(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => !names[name])
    .map((name) => required(child(path, name)));
}

/** What is wrong with names that are there. @see `ValidateCustomResourceDefinitionNames` */
export function nameErrors(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const label = (text: string | undefined, place: string): FieldError[] => {
    const problems = text ? dnsLetterLabelProblems(text) : [];
    return problems.length > 0 ? [invalid(place, text, problems.join(','))] : [];
  };
  const mixedCase = (text: string | undefined, place: string): FieldError[] => {
    const problems = text ? dnsLetterLabelProblems(text.toLowerCase()) : [];
    const rule = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
    return problems.length > 0 ? [invalid(place, text, rule)] : [];
  };
  const list = (texts: readonly string[] | undefined, place: string): FieldError[] =>
    (texts ?? []).flatMap((text, index) => {
      const problems = dnsLetterLabelProblems(text);
      return problems.length > 0 ? [invalid(at(place, index), text, problems.join(','))] : [];
    });
  const errors = [
    ...label(names.plural, child(path, 'plural')),
    ...label(names.singular, child(path, 'singular')),
    ...mixedCase(names.kind, child(path, 'kind')),
    ...mixedCase(names.listKind, child(path, 'listKind')),
    ...list(names.shortNames, child(path, 'shortNames')),
  ];
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid(child(path, 'listKind'), names.listKind, 'kind and listKind may not be the same'));
  }
  return [...errors, ...list(names.categories, child(path, 'categories'))];
}
