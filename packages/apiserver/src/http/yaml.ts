import { createRequire } from 'node:module';
import type { ScalarTag, Tags } from 'yaml';
import { quote } from '../go-format.ts';
import { isObject } from '../object.ts';
import { checkNumber } from './numbers.ts';

type YamlModule = typeof import('yaml');
let yaml: YamlModule | undefined;

/** YAML is rare and its parser large, so it is loaded when it is first needed. Loading is synchronous, so that the order of events stays the same. */
function yamlModule(): YamlModule {
  yaml ??= createRequire(import.meta.url)('yaml') as YamlModule;
  return yaml;
}

/** A text that is not YAML. */
export class YamlSyntaxError extends Error {}

/**
 * Reads YAML 1.1, as `kubectl` and the real server do. Keys that stand twice are listed in the words of Go's decoder.
 *
 * @throws {YamlSyntaxError} when the text is not YAML.
 * @throws {Refusal} 400 for numbers that would be rounded.
 */
export function parseYaml(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } {
  const { parseDocument, LineCounter, visit, isScalar } = yamlModule();
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    lineCounter: lines,
    customTags: goTags,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new YamlSyntaxError(inGoWords(error.message, error.linePos?.[0].line ?? 1));
  }
  const duplicates: string[] = [];
  visit(document, {
    Scalar(_key, { value, source }) {
      if (!Number.isInteger(value) || Number.isSafeInteger(value) || source === undefined) return;
      const text = source.replaceAll('_', '').replace(/^\+/, '');
      checkNumber(/^0[xob]/.test(text) ? String(BigInt(text)) : text);
    },
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0);
          duplicates.push(`line ${line}: key ${quote(String(key.value))} already set in map`);
        }
        seen.add(key.value);
      }
    },
  });
  return { value: plain(document.toJS()), duplicates };
}

/** The types of Go's reader: times are texts, so are numbers in base 60; bytes are texts; octal numbers may be written as in YAML 1.2. */
function goTags(tags: Tags): Tags {
  const binary: ScalarTag = {
    tag: 'tag:yaml.org,2002:binary',
    resolve: (source) => Buffer.from(source, 'base64').toString(),
  };
  const octal: ScalarTag = {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^0o[0-7]+$/,
    resolve: (source) => Number.parseInt(source.slice(2), 8),
  };
  const known = tags.filter(
    (tag) =>
      typeof tag !== 'object' ||
      !(tag.tag.endsWith(':timestamp') || tag.tag.endsWith(':binary') || ('format' in tag && tag.format === 'TIME')),
  );
  return [octal, binary, ...known];
}

/** JSON knows no infinity. */
function plain(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const shown = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    throw new YamlSyntaxError(`json: unsupported value: ${shown}`);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  return value;
}

/** YAML with sorted keys, as the real server writes it. */
export function formatYaml(value: unknown): string {
  return yamlModule().stringify(value, { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 80 });
}

/** What Go's parser says of the faults that are frequent; others keep the words of ours. */
const faults: readonly (readonly [RegExp, string, atEnd?: 'at end'])[] = [
  [/^Unexpected (flow-(map|seq)-end|,|:)/, 'did not find expected node content'],
  [/must end with a \}|Flow map in block collection/, "did not find expected ',' or '}'", 'at end'],
  [/must end with a \]|Flow sequence in block collection/, "did not find expected ',' or ']'", 'at end'],
  [/Missing closing ["']quote/, 'found unexpected end of stream', 'at end'],
  [/not allowed as indentation/, 'found character that cannot start any token', 'at end'],
  [/Nested mappings are not allowed/, 'mapping values are not allowed in this context', 'at end'],
];

/** @param line Counted from 1. Go counts from 0 unless the text ends there, and does not name line 0. */
function inGoWords(message: string, line: number): string {
  const [what = ''] = message.split(/ at line |\n/);
  const [, words = what, atEnd] = faults.find(([pattern]) => pattern.test(what)) ?? [];
  const shown = atEnd === undefined ? line - 1 : line;
  return `yaml: ${shown > 0 ? `line ${shown}: ` : ''}${words}`;
}
