import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSyntaxError } from './json-tokens.ts';
import { ListSplitter } from './list-splitter.ts';

const limits = { maxItemBytes: 1 << 20, maxDepth: 1_000 };

interface Split {
  readonly head: ReturnType<ListSplitter<unknown>['end']>;
  readonly splitter: ListSplitter<unknown>;
}

function split(document: Uint8Array | string, cuts: readonly number[] = [], own = limits): Split {
  const bytes = typeof document === 'string' ? Buffer.from(document) : document;
  const splitter = new ListSplitter<unknown>(own);
  for (const chunk of chunked(bytes, cuts)) splitter.push(chunk);
  return { head: splitter.end(), splitter };
}

/** Cuts at the given share of the length, each piece in a buffer of its own. */
function chunked(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, index) => bytes.slice(places[index], to));
}

function eachByte(text: string): number[] {
  const length = Buffer.byteLength(text);
  return Array.from({ length }, (_, index) => index / length);
}

/** Writes JSON in unusual ways that mean the same: white space, escaped characters. */
function write(value: unknown, spaces: string, escapes: boolean): string {
  const text = (word: string): string =>
    escapes
      ? `"${[...Array(word.length).keys()].map((k) => `\\u${word.charCodeAt(k).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(word);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value))
    return `[${spaces}${value.map((element) => write(element, spaces, escapes)).join(`${spaces},`)}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${text(key)}${spaces}:${spaces}${write(member, spaces, escapes)}`,
    );
    return `{${spaces}${members.join(`,${spaces}`)}${spaces}}`;
  }
  return JSON.stringify(value);
}

const word = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '.', '"', '\\', '/', 'é', '日', '\u{1f600}', '\u0001', ' '),
  maxLength: 12,
});
const name = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', 'é'), minLength: 1, maxLength: 12 });
const item = fc.record(
  {
    metadata: fc.record(
      {
        name,
        namespace: name,
        uid: word,
        resourceVersion: word,
        labels: fc.dictionary(word, word, { maxKeys: 3 }),
        generation: fc.double({ noNaN: true, noDefaultInfinity: true }),
      },
      { requiredKeys: ['name'] },
    ),
    spec: fc.jsonValue({ maxDepth: 4 }),
    name: word,
    metadataX: fc.record({ name: word }),
    kind: fc.constantFrom('Pod', 'Other'),
    apiVersion: fc.constant('v9'),
  },
  { requiredKeys: ['metadata'] },
);
const list = fc
  .tuple(
    fc.array(item, { maxLength: 6 }),
    fc.shuffledSubarray(['kind', 'apiVersion', 'metadata', 'items', 'extra'], { minLength: 5, maxLength: 5 }),
    fc.jsonValue({ maxDepth: 2 }),
  )
  .map(([items, order, extra]) => {
    const members = {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '42', continue: 'tök"en', remainingItemCount: 7 },
      items,
      extra: { items: [{ metadata: { name: 'not an item' } }], extra },
    };
    return Object.fromEntries(order.map((key) => [key, members[key as keyof typeof members]]));
  });
const cuts = fc.oneof(
  fc.constant([]),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  fc.constant(Array.from({ length: 3_000 }, (_, index) => index / 3_000)),
);
const style = fc.tuple(fc.constantFrom('', ' ', '\r\n\t '), fc.boolean());

function complete(
  object: object,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): object {
  const itemKind = kind.length > 4 && kind.endsWith('List') ? kind.slice(0, -4) : '';
  return { ...(apiVersion && { apiVersion }), ...(itemKind && { kind: itemKind }), ...object };
}

function attempt<R>(action: () => R): R | undefined {
  try {
    return action();
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('ListSplitter', () => {
  test('ListSplitter gives what JSON.parse gives, however the bytes are cut (Same as JSON.parse)', () => {
    fc.assert(
      fc.property(list, cuts, style, (document, places, [spaces, escapes]) => {
        const text = write(document, spaces, escapes);
        const parsed = JSON.parse(text);
        const { head, splitter } = split(text, places);
        expect(splitter.undecodable).toEqual([]);
        expect(head).toEqual({ kind: 'PodList', apiVersion: 'v1', metadata: parsed.metadata });
        expect(splitter.items.map(({ object }) => object)).toEqual(
          parsed.items.map((element: object) => complete(element, { apiVersion: 'v1', kind: 'PodList' })),
        );
        expect(splitter.items.map(({ key, uid, resourceVersion }) => [key, uid, resourceVersion])).toEqual(
          parsed.items.map(({ metadata }: { metadata: Record<string, string> }) => [
            metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name,
            metadata.uid ?? '',
            metadata.resourceVersion ?? '',
          ]),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('ListSplitter accepts and refuses exactly what JSON.parse does when a byte is changed (Same as JSON.parse)', () => {
    const byte = fc.constantFrom(...Buffer.from('{}[]",:\\tfn0123456789-+.eEu \n\u0001x'));
    const change = fc.tuple(
      fc.constantFrom('replace', 'insert', 'delete'),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      byte,
    );
    let refused = 0;
    fc.assert(
      fc.property(list, fc.array(change, { minLength: 1, maxLength: 2 }), cuts, (document, changes, places) => {
        const bytes = changes.reduce(
          (text, [how, where, value]) => {
            const at = Math.floor(where * text.length);
            return Buffer.concat([
              text.subarray(0, at),
              ...(how === 'delete' ? [] : [Buffer.from([value])]),
              text.subarray(how === 'insert' ? at : at + 1),
            ]);
          },
          Buffer.from(write(document, '', true)),
        );
        const parsed = parse(bytes.toString());
        const result = attempt(() => split(bytes, places));
        if (result === undefined) {
          refused++;
          // What is JSON, but refused: not a list of objects, or with two members "items".
          const items = (parsed as { items?: unknown } | undefined)?.items;
          const twice = bytes.toString().split(write('items', '', true)).length > 2;
          expect(
            parsed === undefined || twice || !Array.isArray(items) || items.some((element) => !isObject(element)),
          ).toBe(true);
          return;
        }
        expect(parsed).toBeDefined();
        const { items } = parsed as { readonly items: readonly object[] };
        const usable = items.filter(
          ({ metadata }: { metadata?: { name?: unknown } }) =>
            typeof metadata?.name === 'string' && metadata.name !== '',
        );
        expect(result.splitter.items.map(({ object }) => object)).toEqual(
          usable.map((element) => complete(element, result.head)),
        );
        expect(result.splitter.undecodable).toHaveLength(items.length - usable.length);
      }),
      { numRuns: 1_500 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  test('ListSplitter reads a list whose items come before its type, or are null, or are none', () => {
    const late = split(
      '{"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"7"},"apiVersion":"apps/v1","kind":"DeploymentList"}',
    );
    expect(late.splitter.items[0]?.object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
    });
    expect(late.head.metadata).toEqual({ resourceVersion: '7' });
    for (const items of ['null', '[]', ' [ ] ']) {
      const empty = split(`{"kind":"PodList","apiVersion":"v1","metadata":{},"items":${items}}`);
      expect(empty.splitter.items).toEqual([]);
    }
  });

  test('ListSplitter names what it cannot use, and goes on (Undecodable is reported)', () => {
    const deep = `${'['.repeat(20)}${']'.repeat(20)}`;
    const broken = Buffer.from('{"metadata":{"namespace":"x","name":"utf"},"data":"ÿ"}');
    broken[broken.indexOf(0xc3)] = 0xff;
    const document = Buffer.concat([
      Buffer.from(`{"items":[{"metadata":{"name":"deep"},"spec":${deep}},`),
      broken,
      Buffer.from(
        `,{"metadata":{"name":"large"},"data":"${'x'.repeat(500)}"},{"metadata":{}},{"metadata":{"name":5}},{"metadata":{"name":"good"}}]}`,
      ),
    ]);
    for (const places of [[], eachByte(document.toString('latin1'))]) {
      const { splitter } = split(document, places, { maxItemBytes: 400, maxDepth: 10 });
      expect(splitter.items.map(({ key }) => key)).toEqual(['good']);
      expect(splitter.undecodable).toEqual([
        { key: 'deep', message: 'Nested deeper than 10 levels' },
        { key: 'x/utf', message: 'Text is not UTF-8' },
        { key: 'large', message: 'Larger than 400 bytes' },
        { message: 'No metadata.name' },
        { message: 'No metadata.name' },
      ]);
    }
  });

  test('ListSplitter lets the last of two equal members count, as JSON.parse does', () => {
    const item = '{"metadata":{"name":"a","uid":"1"},"metadata":{"name":"b","name":"c","namespace":"n"}}';
    const { splitter } = split(`{"items":[${item}]}`);
    expect(splitter.items[0]).toMatchObject({ key: 'n/c', uid: '' });
    expect(() => split('{"items":[],"items":[]}')).toThrow(JsonSyntaxError);
  });

  test('ListSplitter refuses what is no list', () => {
    const documents = [
      '',
      '[]',
      '"text"',
      'null',
      '{}',
      '{"kind":"Pod"}',
      '{"items":{}}',
      '{"items":{"a":{}}}',
      '{"items":5}',
      '{"items":[5]}',
    ];
    for (const document of [
      ...documents,
      '{"items":[[]]}',
      '{"items":[null]}',
      '{"items":[]}{}',
      '{"items":[',
      '<html>',
      '{"items":[{}]',
    ]) {
      for (const places of [[], eachByte(document)])
        expect(() => split(document, places), document).toThrow(JsonSyntaxError);
    }
  });

  test('ListSplitter keeps no chunk alive: items share small buffers (Compact)', () => {
    const chunk = Buffer.from('{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}');
    const large = new Uint8Array(1 << 20);
    large.set(chunk);
    const splitter = new ListSplitter<{ metadata: { name: string } }>(limits);
    splitter.push(large.subarray(0, chunk.length));
    splitter.end();
    large.fill(0x20);
    expect(splitter.items.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
  });

  test('ListSplitter says what items are as soon as the list has said it, also while it is being read', () => {
    const splitter = new ListSplitter<object>(limits);
    splitter.push(Buffer.from('{"kind":"WebList","apiVersion":"example.com/v1","items":[{"metadata":{"name":"a"}},'));
    expect(splitter.items[0]?.object).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Web',
      metadata: { name: 'a' },
    });
  });

  test('ListSplitter leaves out what a later member of the same name replaces, on top of an item and in its metadata (Same as JSON.parse)', () => {
    const text =
      '{"metadata":{"name":"a"},"spec":1,"metadata":{"name":"b","x":{"a":1,"a":2},"\\u006eame":"c"},"\\u0073pec":2}';
    const [item] = split(`{"items":[${text}]}`).splitter.items;
    expect(item?.key).toBe('c');
    expect(item?.bytes.toString('utf8', item.start, item.end)).toBe(
      '{"metadata":{"\\u006eame":"c","x":{"a":1,"a":2}},"\\u0073pec":2}',
    );
    expect(JSON.stringify(item?.object)).toBe(JSON.stringify(JSON.parse(text)));
    expect(item?.read(['spec'])).toBe(2);
    expect(item?.read(['metadata', 'x', 'a'])).toBe(2);
  });

  test('ListSplitter bounds what stands around the items, and the nesting that it follows', () => {
    expect(() =>
      split(`{"metadata":{"x":"${'x'.repeat(600)}"},"items":[]}`, [0.5], { maxItemBytes: 200, maxDepth: 10 }),
    ).toThrow('too large');
    expect(() => split(`{"items":[{"a":${'['.repeat(1_100_000)}`)).toThrow('Nested too deeply');
  });
});
