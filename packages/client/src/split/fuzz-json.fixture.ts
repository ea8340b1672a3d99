import { isUtf8 } from 'node:buffer';
import { formatKey, isJsonObject } from '@bowline/apimachinery';
import { FrameSplitter } from './frame-splitter.ts';
import { chunked, limits, mutated, shown } from './fuzz.fixture.ts';
import { ListSplitter } from './list-splitter.ts';
import { RandomJson } from './random-json.fixture.ts';
import { SplitError } from './split-error.ts';
import type { FrameSplitting, ListSplitting, SplitFrame, SplitItem } from './split-item.ts';
import { type Dice, viewsDiffer } from './views.fixture.ts';

const MOST_BYTES = 500;

type Json = Readonly<Record<string, unknown>>;

/** A random JSON list, sound or broken, in random chunks. @returns what the splitter made wrong of it. */
export function fuzzJsonList(
  dice: Dice,
  splitter: ListSplitting<unknown> = new ListSplitter<unknown>(limits),
): string | undefined {
  const bytes = input(dice, () => new RandomJson(dice, true).list());
  const wrong = listIsWrong(bytes, dice, splitter);
  return wrong && `${wrong} in ${shown(bytes)}`;
}

/** A random watch stream of JSON, sound or broken, in random chunks. @returns what the splitter made wrong of it. */
export function fuzzJsonWatch(
  dice: Dice,
  splitter: FrameSplitting<unknown> = new FrameSplitter<unknown>(limits),
): string | undefined {
  const json = new RandomJson(dice, false);
  const line = (): string => (dice(20) === 0 ? ' ' : json.event());
  const bytes = input(dice, () => `${Array.from({ length: 1 + dice(3) }, line).join('\n')}${dice(4) > 0 ? '\n' : ''}`);
  const frames = chunked(bytes, dice).flatMap((chunk) => splitter.push(chunk));
  frames.push(...splitter.end());
  const wrong = framesAreWrong(bytes, frames, dice);
  return wrong && `${wrong} in ${shown(bytes)}`;
}

function input(dice: Dice, write: () => string): Buffer {
  for (;;) {
    const text = Buffer.from(write());
    const bytes = dice(2) === 0 ? text : mutated(text, dice);
    if (bytes.length <= MOST_BYTES && !hasBackslashInKey(bytes.toString('latin1'))) return bytes;
  }
}

/**
 * Such texts are left out: once V8 has read the key `"\\"`, its `JSON.parse` may take other keys with escape sequences for it.
 *
 * @see https://github.com/nodejs/node/issues/63785
 */
function hasBackslashInKey(text: string): boolean {
  return (
    text.includes('\\') && (text.match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g) ?? []).some((key) => /\\(\\|u005c)/i.test(key))
  );
}

function listIsWrong(bytes: Buffer, dice: Dice, splitter: ListSplitting<unknown>): string | undefined {
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  const parsed = parse(text);
  const isList =
    isJsonObject(parsed) && (parsed.items === null || (isArray(parsed.items) && parsed.items.every(isJsonObject)));
  try {
    for (const chunk of chunked(bytes, dice)) splitter.push(chunk);
    splitter.end();
  } catch (error) {
    if (!(error instanceof SplitError)) return `threw ${error}`;
    return isList && isUtf8(bytes) && !saysTwice(text, 'items') ? `refused a list: ${error.message}` : undefined;
  }
  if (!isList) return 'accepted what is no list';
  const objects = (parsed.items ?? []) as Json[];
  const type = { apiVersion: textOf(parsed.apiVersion), kind: listed(textOf(parsed.kind)) };
  const items = [...splitter.items];
  if (items.length + splitter.undecodable.length !== objects.length)
    return `gave ${items.length} items and ${splitter.undecodable.length} undecodable`;
  if (!isUtf8(bytes)) return firstWrong(items, (item) => itemIsWrong(item, completed(ownJson(item), type), dice));
  const usable = objects.filter(hasName);
  if (items.length !== usable.length) return `gave ${items.length} items of ${usable.length}`;
  return firstWrong(items, (item, index) => itemIsWrong(item, completed(usable[index] as Json, type), dice));
}

function framesAreWrong(bytes: Buffer, given: readonly SplitFrame<unknown>[], dice: Dice): string | undefined {
  const frames = [...given];
  for (const line of linesOf(bytes)) {
    const text = line.toString(isUtf8(line) ? 'utf8' : 'latin1');
    if (/^[ \t\r]*$/.test(text)) continue;
    const event = parse(text);
    const frame = frames.shift();
    if (frame === undefined) return `no frame for ${text}`;
    const isFatal = frame.type === 'error' && frame.undecodable === undefined;
    const isEvent = isJsonObject(event) && Object.hasOwn(event, 'type') && isJsonObject(event.object);
    if (isFatal && (!isEvent || event.type === 'ERROR' || saysTwice(text, 'object')))
      return frames.length === 0 ? undefined : `went on after ${text}`;
    if (!isEvent || (event.type === 'ERROR' && isUtf8(line))) return `went on after ${text}`;
    const wrong = frameIsWrong(frame, event, isUtf8(line), dice);
    if (wrong) return wrong;
  }
  return frames.length > 0 ? `${frames.length} frames too many` : undefined;
}

function frameIsWrong(frame: SplitFrame<unknown>, event: Json, isText: boolean, dice: Dice): string | undefined {
  const object = event.object as Json;
  const change = changes.get(event.type);
  if (frame.type === 'error') {
    const isUsable = isText && (event.type === 'BOOKMARK' || (change !== undefined && hasName(object)));
    return frame.undecodable !== undefined && !isUsable ? undefined : `refused ${event.type}: ${frame.error.message}`;
  }
  if (frame.type === 'bookmark') return event.type === 'BOOKMARK' ? undefined : `took ${event.type} for a bookmark`;
  if (frame.type !== change) return `took ${event.type} for ${frame.type}`;
  return itemIsWrong(frame.item, isText ? object : ownJson(frame.item), dice);
}

const changes = new Map<unknown, string>([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

function itemIsWrong(item: SplitItem<unknown>, expected: Json, dice: Dice): string | undefined {
  const metadata = expected.metadata as Json;
  const namespace = textOf(metadata.namespace);
  if (item.key !== formatKey({ name: textOf(metadata.name), namespace })) return `the key ${item.key}`;
  if (item.uid !== textOf(metadata.uid)) return `the uid ${item.uid}`;
  if (item.resourceVersion !== textOf(metadata.resourceVersion)) return `the version ${item.resourceVersion}`;
  return viewsDiffer(item, expected, dice);
}

/** What an item's own bytes say: all that can be asked for when others are no text. */
function ownJson({ bytes, start, end }: SplitItem<unknown>): Json {
  return JSON.parse(bytes.toString('utf8', start, end)) as Json;
}

function completed(object: Json, { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): Json {
  const lacks = (name: string): boolean => !Object.hasOwn(object, name);
  return {
    ...(apiVersion && lacks('apiVersion') && { apiVersion }),
    ...(kind && lacks('kind') && { kind }),
    ...object,
  };
}

function listed(kind: string): string {
  return kind.length > 4 && kind.endsWith('List') ? kind.slice(0, -4) : '';
}

function hasName({ metadata }: Json): boolean {
  return isJsonObject(metadata) && Object.hasOwn(metadata, 'name') && textOf(metadata.name) !== '';
}

/** A string, or an empty one where there is none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether a text has a string more than once, in whatever way it is written: a member that comes twice may be refused. */
function saysTwice(text: string, word: string): boolean {
  const strings = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return strings.filter((string) => parse(string) === word).length > 1;
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
    lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return [...lines, bytes.subarray(from)];
}

function firstWrong<E>(all: readonly E[], wrong: (one: E, index: number) => string | undefined): string | undefined {
  for (const [index, one] of all.entries()) {
    const what = wrong(one, index);
    if (what !== undefined) return `item ${index}: ${what}`;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value);
}
