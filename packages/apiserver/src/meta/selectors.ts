import { FieldSelector, LabelSelector, SelectorError } from '@bowline/apimachinery';
import { badRequest } from '../errors.ts';

function refused<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.reason);
    throw error;
  }
}

/** @throws {Refusal} 400 when the text is no selector. */
export function parseLabelSelector(text: string): LabelSelector {
  return text === '' ? LabelSelector.everything : refused(() => LabelSelector.parse(text));
}

/** @throws {Refusal} 400 when the text is no selector. */
export function parseFieldSelector(text: string): FieldSelector {
  return text === '' ? FieldSelector.everything : refused(() => FieldSelector.parse(text));
}

/** The value that a selector asks a field to have; `undefined` when it leaves that open. */
export function exactField(selector: FieldSelector, path: string): string | undefined {
  return selector.requirements.find((one) => one.path === path && one.operator === '=')?.value;
}
