import {
  canonicalRequirement,
  type LabelOperator,
  type LabelRequirement,
  requirementProblem,
} from './label-requirement.ts';
import { labelKeyProblems } from './label-syntax.ts';
import { SelectorError } from './selector-error.ts';

interface Token {
  readonly type: 'word' | 'symbol' | 'end';
  readonly text: string;
  readonly position: number;
}

const tokenPattern = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^ \t\r\n=!(),<>]+))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match; match = tokenPattern.exec(text)) {
    const [whole, symbol, word] = match;
    const token = symbol ?? word ?? '';
    const position = match.index + whole.length - token.length;
    tokens.push({ type: symbol === undefined ? 'word' : 'symbol', text: token, position });
  }
  tokens.push({ type: 'end', text: '', position: text.length });
  return tokens;
}

const binaryOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

/**
 * Reads the text form of a label selector.
 *
 *     selector    = [ requirement *( "," requirement ) ]
 *     requirement = [ "!" ] key / key operator value / key ( "in" / "notin" ) "(" values ")"
 *
 * `in` and `notin` are ordinary words where a key or value stands.
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  const tokens = tokensOf(text);
  let at = 0;
  const end: Token = { type: 'end', text: '', position: text.length };
  const peek = (): Token => tokens[at] ?? end;
  const take = (): Token => tokens[at++] ?? end;
  const isSymbol = (token: Token, symbol: string): boolean => token.type === 'symbol' && token.text === symbol;
  const fail = (reason: string, position: number): never => {
    throw new SelectorError(reason, { text, position });
  };
  const unexpected = (token: Token, expected: string): never =>
    fail(`unable to parse requirement: found '${token.text}', expected: ${expected}`, token.position);

  function requirement(): LabelRequirement {
    const negated = isSymbol(peek(), '!');
    if (negated) take();
    const key = take();
    if (key.type !== 'word') unexpected(key, 'identifier');
    const keyProblems = labelKeyProblems(key.text);
    if (keyProblems.length > 0) {
      const reason = `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key.text)}: ${keyProblems.join('; ')}`;
      fail(reason, key.position);
    }
    if (negated) return canonicalRequirement(key.text, '!', []);
    if (peek().type === 'end' || isSymbol(peek(), ',')) return canonicalRequirement(key.text, 'exists', []);
    const operatorToken = take();
    const operator = binaryOperators.get(operatorToken.text);
    if (!operator) return unexpected(operatorToken, 'in, notin, =, ==, !=, gt, lt');
    const valuesPosition = peek().position;
    const values = operator === 'in' || operator === 'notin' ? valueSet() : [exactValue()];
    const parsed = canonicalRequirement(key.text, operator, values);
    const problem = requirementProblem(parsed);
    if (problem) fail(`unable to parse requirement: ${problem}`, valuesPosition);
    return parsed;
  }

  function exactValue(): string {
    if (peek().type === 'end' || isSymbol(peek(), ',')) return '';
    const token = take();
    return token.type === 'word' ? token.text : unexpected(token, 'identifier');
  }

  function valueSet(): string[] {
    const open = take();
    if (!isSymbol(open, '(')) {
      return fail(`unable to parse requirement: found '${open.text}' expected: '('`, open.position);
    }
    const values: string[] = [];
    let value = '';
    for (let token = take(); ; token = take()) {
      if (isSymbol(token, ')')) return [...values, value];
      if (isSymbol(token, ',')) {
        values.push(value);
        value = '';
      } else if (token.type === 'word' && value === '') value = token.text;
      else if (value !== '') unexpected(token, "',' or ')'");
      else unexpected(token, values.length > 0 ? "',', or identifier" : "',', ')' or identifier");
    }
  }

  const requirements: LabelRequirement[] = [];
  if (peek().type === 'end') return requirements;
  for (;;) {
    const first = peek();
    if (first.type !== 'word' && !isSymbol(first, '!')) {
      fail(`found '${first.text}', expected: !, identifier, or 'end of string'`, first.position);
    }
    requirements.push(requirement());
    const separator = take();
    if (separator.type === 'end') return requirements;
    if (!isSymbol(separator, ',')) {
      fail(`found '${separator.text}', expected: ',' or 'end of string'`, separator.position);
    }
    const next = peek();
    if (next.type !== 'word' && !isSymbol(next, '!')) {
      fail(`found '${next.text}', expected: identifier after ','`, next.position);
    }
  }
}
