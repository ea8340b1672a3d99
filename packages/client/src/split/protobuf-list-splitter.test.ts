import type { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreType, cut, envelope, field, podList, varint } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';
import { UnknownFieldsError } from './protobuf-item.ts';
import { ProtobufListSplitter } from './protobuf-list-splitter.ts';
import { SplitError } from './split-error.ts';

const limits = { maxItemBytes: 1 << 20, maxDepth: 1_000 };
const pod = new ProtobufEncoding<Pod>('v1', 'Pod', await coreType('Pod'));

function split(
  bytes: Uint8Array,
  shares: readonly number[] = [],
  own = limits,
): { readonly splitter: ProtobufListSplitter<Pod>; readonly head: ReturnType<ProtobufListSplitter<Pod>['end']> } {
  const splitter = new ProtobufListSplitter<Pod>(own, pod);
  for (const chunk of cut(bytes, shares)) splitter.push(chunk);
  return { splitter, head: splitter.end() };
}

const web = {
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7', labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'nginx', resources: {} }] },
  status: {},
};

const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'é', '\u{1f600}'), maxLength: 8 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', '1', 'é'), minLength: 1, maxLength: 8 });
const pods = fc.array(
  fc.record({
    metadata: fc.record({
      name,
      namespace: name,
      uid: word,
      resourceVersion: word,
      annotations: fc.dictionary(word, fc.string({ maxLength: 400 }), { maxKeys: 2 }),
    }),
    spec: fc.record({ nodeName: word, hostname: fc.string({ unit: 'binary', maxLength: 30 }) }),
  }),
  { maxLength: 5 },
);

describe('ProtobufListSplitter', () => {
  test('ProtobufListSplitter gives items with key, uid and version, decoded on first read and frozen (Lazy)', async () => {
    const { splitter, head } = split(await podList([web, web], { resourceVersion: '9', continue: 'more' }));
    expect(head).toEqual({ apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '9', continue: 'more' } });
    expect(splitter.undecodable).toEqual([]);
    expect(splitter.items).toHaveLength(2);
    const [item] = splitter.items;
    expect(item).toMatchObject({ key: 'default/web', uid: 'u1', resourceVersion: '7' });
    expect(item?.object).toMatchObject({ apiVersion: 'v1', kind: 'Pod', ...web });
    expect(Object.keys(item?.object ?? {}).slice(0, 2)).toEqual(['apiVersion', 'kind']);
    expect(item?.object).toBe(item?.object);
    expect(Object.isFrozen(item?.object.spec?.containers)).toBe(true);
    const draft = item?.decode();
    expect(draft).toEqual(item?.object);
    expect(Object.isFrozen(draft?.metadata)).toBe(false);
  });

  test('ProtobufListSplitter gives the same items however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        pods,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
        async (objects, cuts) => {
          const { splitter } = split(await podList(objects), cuts);
          expect(splitter.items.map(({ object }) => object)).toMatchObject(
            objects.map(({ metadata }) => ({ metadata: { name: metadata.name, namespace: metadata.namespace } })),
          );
          expect(splitter.items.map(({ object }) => object)).toEqual(
            split(await podList(objects)).splitter.items.map(({ object }) => object),
          );
          expect(splitter.items.map(({ key }) => key)).toEqual(
            objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
          );
        },
      ),
      { numRuns: 300 },
    );
    const bytes = await podList([web, web]);
    const each = split(
      bytes,
      [...bytes.keys()].map((index) => index / bytes.length),
    ).splitter;
    expect(each.items.map(({ object }) => object)).toEqual(split(bytes).splitter.items.map(({ object }) => object));
  });

  test('Undecodable is reported: mangled bytes give items that can be read, names of those that cannot, or an error', async () => {
    const original = await podList([web, web, web]);
    const change = fc.record({ at: fc.nat({ max: original.length - 1 }), byte: fc.nat({ max: 255 }) });
    const seen = { items: 0, undecodable: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(original);
        for (const { at, byte } of changes) bytes[at] = byte;
        try {
          const { splitter } = split(bytes, [0.3, 0.6]);
          for (const item of splitter.items) expect(JSON.stringify(item.object)).toContain('"kind":"Pod"');
          seen.items += splitter.items.length;
          seen.undecodable += splitter.undecodable.length;
        } catch (error) {
          expect(error instanceof SplitError || error instanceof UnknownFieldsError || error).toBe(true);
          seen.refused++;
        }
      }),
      { numRuns: 3_000, seed: 5 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
  });

  test('Undecodable is reported: an item that is too large is named, and the rest goes on', async () => {
    const large = { ...web, metadata: { ...web.metadata, name: 'large', annotations: { a: 'x'.repeat(5_000) } } };
    const { splitter } = split(await podList([web, large, web]), [0.1, 0.5, 0.9], { ...limits, maxItemBytes: 1_000 });
    expect(splitter.items.map(({ key }) => key)).toEqual(['default/web', 'default/web']);
    expect(splitter.undecodable).toEqual([{ key: 'default/large', message: 'Larger than 1000 bytes' }]);
  });

  test('Undecodable is reported: text that is not UTF-8, and an object without a name', async () => {
    const type = await coreType('Pod');
    const broken = Buffer.from(encodeMessage(type, web));
    broken[broken.indexOf('nginx')] = 0xff;
    const list = Buffer.concat([
      field(2, broken),
      field(2, encodeMessage(type, { metadata: {} })),
      field(2, encodeMessage(type, web)),
    ]);
    const { splitter } = split(envelope('v1', 'PodList', list));
    expect(splitter.undecodable).toEqual([
      { key: 'default/web', message: 'Container.image is not UTF-8' },
      { message: 'No metadata.name' },
    ]);
    expect(splitter.items).toHaveLength(1);
  });

  test('ProtobufListSplitter knows an empty list, and passes over fields that nobody knows outside of the items', async () => {
    expect(split(await podList([])).splitter.items).toEqual([]);
    const unknown = Buffer.concat([
      Buffer.from([9 * 8]),
      varint(300),
      Buffer.from([9 * 8 + 1]),
      Buffer.alloc(8),
      field(9, Buffer.from('x')),
    ]);
    const list = Buffer.concat([unknown, field(2, encodeMessage(await coreType('Pod'), web)), unknown]);
    const { splitter } = split(Buffer.concat([envelope('v1', 'PodList', list), unknown]), [0.2, 0.4, 0.9]);
    expect(splitter.items.map(({ key }) => key)).toEqual(['default/web']);
  });

  test('Nothing is lost: fields of an object that its table lacks are an error of their own', async () => {
    const message = Buffer.concat([encodeMessage(await coreType('Pod'), web), field(30, Buffer.from('new'))]);
    expect(() => split(envelope('v1', 'PodList', field(2, message)))).toThrow(UnknownFieldsError);
  });

  test.each<[string, (good: Buffer) => Buffer, string]>([
    ['nothing at all', () => Buffer.alloc(0), 'The answer ends too early at byte 0'],
    ['an answer that is cut off', (good) => good.subarray(0, -20), 'The answer ends too early'],
    ['JSON', () => Buffer.from('{"kind":"PodList"}'), 'Expected k8s and a zero byte at byte 0'],
    ['another kind', () => envelope('v1', 'Status', Buffer.alloc(0)), 'Expected v1 PodList, got v1 Status at byte'],
    ['no kind', () => Buffer.concat([Buffer.from('k8s\0'), field(2, Buffer.alloc(0))]), 'Expected v1 PodList, got'],
    ['a second list', (good) => Buffer.concat([good, field(2, Buffer.alloc(0))]), 'A second list at byte'],
    [
      'an item beyond the list',
      () => envelope('v1', 'PodList', Buffer.from([18, 100])),
      'A field reaches beyond the list',
    ],
    [
      'a list that ends within a number',
      () => envelope('v1', 'PodList', Buffer.from([0x82])),
      'The list ends within a field',
    ],
    ['a number without end', () => envelope('v1', 'PodList', Buffer.alloc(12, 0xff)), 'A number does not end'],
    ['a wire type that nobody knows', () => envelope('v1', 'PodList', Buffer.from([0x17])), 'Expected a field'],
  ])('ProtobufListSplitter refuses %s', async (_, spoil, message) => {
    const good = await podList([web]);
    expect(() => split(spoil(good))).toThrow(message);
    expect(() => split(spoil(good), [0.5])).toThrow(SplitError);
  });
});
