import { checkMessage, decodeMessage, encodeMessage, ProtobufError, readEnvelope } from '@bowline/api/protobuf';
import { formatKey, isJsonObject, type KubernetesObject } from '@bowline/apimachinery';
import { chunked, limits, mutated, shown } from './fuzz.fixture.ts';
import { coreType, envelope, frame } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';
import { ProtobufFrameSplitter } from './protobuf-frame-splitter.ts';
import { UnknownFieldsError } from './protobuf-item.ts';
import { ProtobufListSplitter } from './protobuf-list-splitter.ts';
import { SplitError } from './split-error.ts';
import type { SplitFrame, SplitItem } from './split-item.ts';
import { type Dice, pick, viewsDiffer } from './views.fixture.ts';

const message = await coreType('ConfigMap');
const listMessage = await coreType('ConfigMapList');
const encoding = new ProtobufEncoding<KubernetesObject>('v1', 'ConfigMap', message);

/** A random list of protobuf, sound or broken, in random chunks. @returns what the splitter made wrong of it. */
export function fuzzProtobufList(dice: Dice): string | undefined {
  const items = Array.from({ length: dice(4) }, () => randomMap(dice));
  const sound = envelope(
    'v1',
    'ConfigMapList',
    encodeMessage(listMessage, { metadata: { resourceVersion: '7' }, items }),
  );
  const isSound = dice(2) === 0;
  const bytes = isSound ? sound : mutated(sound, dice);
  const wrong = listIsWrong(bytes, isSound ? items.length : undefined, dice);
  return wrong && `${wrong} in ${shown(bytes)}`;
}

/** A random watch stream of protobuf, sound or broken, in random chunks. @returns what the splitter made wrong of it. */
export function fuzzProtobufWatch(dice: Dice): string | undefined {
  const types = Array.from({ length: 1 + dice(3) }, () => pick(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'], dice));
  const sound = Buffer.concat(
    types.map((type) => frame(type, envelope('v1', 'ConfigMap', encodeMessage(message, randomMap(dice))))),
  );
  const isSound = dice(2) === 0;
  const bytes = isSound ? sound : mutated(sound, dice);
  const wrong = watchIsWrong(bytes, isSound ? types : undefined, dice);
  return wrong && `${wrong} in ${shown(bytes)}`;
}

const words = ['a', 'b.c/d', 'b', 'é', '🎉', '', 'x'.repeat(130), '\0', 'name'];

function randomMap(dice: Dice): Record<string, unknown> {
  const strings = (): Record<string, string> =>
    Object.fromEntries(Array.from({ length: dice(4) }, () => [pick(words, dice), pick(words, dice)]));
  const some = (value: object): object => (dice(3) === 0 ? value : {});
  return {
    metadata: {
      name: pick(['web', 'web', 'é'], dice),
      ...some({ namespace: 'default' }),
      ...some({ uid: 'u', resourceVersion: '12' }),
      ...some({ labels: strings(), annotations: strings() }),
      ...some({ creationTimestamp: '2026-11-21T00:00:00Z', generation: dice(3) * 2 ** 40 }),
      ...some({ managedFields: [{ manager: 'm', fieldsType: 'FieldsV1', fieldsV1: { 'f:a': {} } }] }),
      ...some({ finalizers: ['a', 'b'] }),
    },
    ...some({ data: strings() }),
    ...some({ binaryData: { a: 'AAEC', '': '' } }),
    ...some({ immutable: dice(2) === 0 }),
  };
}

function listIsWrong(bytes: Buffer, count: number | undefined, dice: Dice): string | undefined {
  const splitter = new ProtobufListSplitter<KubernetesObject>(limits, encoding);
  try {
    for (const chunk of chunked(bytes, dice)) splitter.push(chunk);
    splitter.end();
  } catch (error) {
    if (!(error instanceof SplitError || error instanceof UnknownFieldsError)) return `threw ${error}`;
    return count === undefined ? undefined : `refused a list: ${error.message}`;
  }
  const { items, undecodable } = splitter;
  if (count !== undefined && items.length !== count) return `gave ${items.length} of ${count} items`;
  const all = decodedItems(bytes);
  if (all !== undefined && undecodable.length === 0) {
    const given = JSON.stringify(items.map((item) => own(item)));
    if (given !== JSON.stringify(all)) return `gave ${given} instead of ${JSON.stringify(all)}`;
  }
  return items.length > 0 ? itemIsWrong(pick(items, dice), bytes, dice) : undefined;
}

function watchIsWrong(bytes: Buffer, types: readonly string[] | undefined, dice: Dice): string | undefined {
  const splitter = new ProtobufFrameSplitter<KubernetesObject>(limits, encoding, () => {});
  const frames: SplitFrame<KubernetesObject>[] = [];
  for (const chunk of chunked(bytes, dice)) frames.push(...splitter.push(chunk));
  frames.push(...splitter.end());
  const given = frames.map(({ type }) => type.toUpperCase()).join();
  if (types !== undefined && given !== types.join()) return `gave ${given} instead of ${types.join()}`;
  const fatal = frames.findIndex((one) => one.type === 'error' && one.undecodable === undefined);
  if (fatal >= 0 && fatal < frames.length - 1) return 'went on after an error';
  return frames
    .map((one) => ('item' in one ? itemIsWrong(one.item, bytes, dice) : undefined))
    .find((wrong) => wrong !== undefined);
}

/** What the codec makes of the list as a whole, if it is one. */
function decodedItems(bytes: Buffer): unknown[] | undefined {
  try {
    const { from, to } = readEnvelope(bytes);
    checkMessage(listMessage, bytes.subarray(from, to));
    const { items } = decodeMessage(listMessage, bytes, from, to);
    return Array.isArray(items) ? items : [];
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

function own({ bytes, start, end }: SplitItem<unknown>): Readonly<Record<string, unknown>> {
  return decodeMessage(message, bytes, start, end);
}

function itemIsWrong(item: SplitItem<unknown>, input: Buffer, dice: Dice): string | undefined {
  const { bytes, start, end } = item;
  if (!input.includes(bytes.subarray(start, end))) return 'made bytes up';
  const expected = { apiVersion: 'v1', kind: 'ConfigMap', ...own(item) };
  const metadata = (expected as { metadata?: unknown }).metadata;
  const { name, namespace, uid = '', resourceVersion = '' } = isJsonObject(metadata) ? metadata : {};
  const key = formatKey({ name: String(name), namespace: typeof namespace === 'string' ? namespace : undefined });
  if (item.key !== key || item.uid !== uid || item.resourceVersion !== resourceVersion) return `names ${item.key}`;
  return viewsDiffer(item, expected, dice, canonical);
}

/** Protobuf has no way to leave out some fields, like `metadata`. */
function canonical(object: unknown): unknown {
  const bytes = Buffer.from(encodeMessage(message, object as Record<string, unknown>));
  return { apiVersion: 'v1', kind: 'ConfigMap', ...decodeMessage(message, bytes) };
}
