import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import type { SplitFrame } from './split-item.ts';

interface Thing {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const limits = { maxItemBytes: 4_096, maxDepth: 50 };

function frames(chunks: readonly (Uint8Array | string)[], expected = {}, own = limits): SplitFrame<Thing>[] {
  const splitter = new FrameSplitter<Thing>(own, expected);
  const pushed = chunks.flatMap((chunk) => splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  return [...pushed, ...splitter.end()];
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** What a frame says, in data. */
function shown(frame: SplitFrame<Thing>): unknown {
  if (frame.type === 'error') return { error: frame.error.message, undecodable: frame.undecodable };
  return frame.type === 'bookmark' ? frame : { type: frame.type, key: frame.item.key, object: frame.item.object };
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x', uid: 'u', resourceVersion: '5' } };

describe('FrameSplitter', () => {
  test('FrameSplitter gives each event once and in order, however the bytes are cut (Same as JSON.parse)', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', '\u2028', '\u2029', 'é', '\u{1f600}'),
      maxLength: 10,
    });
    const event = fc.record({
      type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED'),
      object: fc.record({
        metadata: fc.record({ name: fc.constantFrom('a', 'b'), namespace: fc.constant('n') }),
        data: text,
        more: fc.jsonValue({ maxDepth: 3 }),
      }),
    });
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 8 }),
        fc.array(cut, { maxLength: 40 }),
        fc.boolean(),
        (events, cuts, swapped) => {
          const lines = events.map(
            ({ type, object }) => `${JSON.stringify(swapped ? { object, type } : { type, object })}\n`,
          );
          const bytes = Buffer.from(lines.join(''));
          const places = [
            0,
            ...cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ];
          const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
          expect(frames(chunks).map(shown)).toEqual(
            events.map(({ type, object }) => ({
              type: type.toLowerCase(),
              key: `n/${object.metadata.name}`,
              object: JSON.parse(JSON.stringify(object)),
            })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('FrameSplitter ends a line at the byte of a newline only, not at U+2028 in a string', () => {
    const object = { ...pod, data: 'one\u2028two' };
    expect(frames([line('ADDED', object)]).map(shown)).toEqual([{ type: 'added', key: 'x/a', object }]);
  });

  test('FrameSplitter reads bookmarks, and knows the one that ends the initial state', () => {
    const object = { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '12' } };
    const end = { ...object, metadata: { ...object.metadata, annotations: { 'k8s.io/initial-events-end': 'true' } } };
    expect(frames([line('BOOKMARK', object), line('BOOKMARK', end)])).toEqual([
      { type: 'bookmark', resourceVersion: '12', initialEventsEnd: false },
      { type: 'bookmark', resourceVersion: '12', initialEventsEnd: true },
    ]);
  });

  test('FrameSplitter gives an error event as the StatusError it is, and ends', () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Expired',
      code: 410,
      message: 'too old',
    };
    const splitter = new FrameSplitter<Thing>(limits);
    const [first, ...rest] = splitter.push(Buffer.from(line('ERROR', status) + line('ADDED', pod)));
    expect(first).toMatchObject({ type: 'error', error: { code: 'API_EXPIRED', message: 'too old' } });
    expect(first).not.toHaveProperty('undecodable');
    expect(rest).toEqual([]);
    expect(splitter.failed).toBe(true);
    expect(splitter.push(Buffer.from(line('ADDED', pod)))).toEqual([]);
    expect(splitter.end()).toEqual([]);
  });

  test('FrameSplitter reports half a last line as a lost connection (No event is lost in silence)', () => {
    for (const half of [
      line('ADDED', pod).slice(0, 40),
      '{',
      `{"type":"ADDED","object":{"metadata":{"name":"${'x'.repeat(5_000)}`,
    ]) {
      const result = frames([line('ADDED', pod), half]);
      expect(result.map(({ type }) => type)).toEqual(['added', 'error']);
      expect(result[1]).toMatchObject({
        error: { code: 'CLIENT_CONNECTION_FAILED', retryable: true, message: 'The watch ended within an event' },
      });
    }
  });

  test('FrameSplitter takes a whole last event without a newline, and skips empty lines', () => {
    expect(frames(['\n', ' \r\n', line('ADDED', pod).trim()]).map(({ type }) => type)).toEqual(['added']);
  });

  test('FrameSplitter ends with an error at a line that is no event (No event is lost in silence)', () => {
    for (const bad of [
      '<html>\n',
      '{"type":"ADDED"}\n',
      '{"object":{}}\n',
      `${line('ADDED', pod).trim()}}\n`,
      '{"type":"ADDED","object":5}\n',
      '{"type":\n',
      '<',
    ]) {
      const result = frames([line('ADDED', pod), bad, line('DELETED', pod)]);
      expect(
        result.map(({ type }) => type),
        bad,
      ).toEqual(['added', 'error']);
      expect(result[1]).toMatchObject({ error: { code: 'CLIENT_BAD_RESPONSE' } });
      expect(result[1]).not.toHaveProperty('undecodable');
    }
  });

  test('FrameSplitter names an object that it cannot use, and goes on (Undecodable is reported)', () => {
    const broken = Buffer.from(line('ADDED', { ...pod, data: 'ÿ' }));
    broken[broken.indexOf(0xc3)] = 0xff;
    const deep = JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`);
    const result = frames(
      [
        line('ADDED', { ...pod, metadata: {} }),
        broken,
        line('MODIFIED', { ...pod, deep }),
        line('MODIFIED', { ...pod, data: 'x'.repeat(9_000) }).slice(0, 4_500),
        line('MODIFIED', { ...pod, data: 'x'.repeat(9_000) }).slice(4_500),
        line('MODIFIED', { ...pod, data: 'x'.repeat(9_000) }),
        line('FUTURE', pod),
        line('ADDED', { ...pod, kind: 'Secret' }),
        line('DELETED', pod),
      ],
      { apiVersion: 'v1', kind: 'Pod' },
    );
    expect(result.map((frame) => (frame.type === 'error' ? frame.undecodable : frame.type))).toEqual([
      { message: 'No metadata.name' },
      { key: 'x/a', message: 'Text is not UTF-8' },
      { key: 'x/a', message: 'Nested deeper than 50 levels' },
      { message: 'Larger than 4096 bytes' },
      { key: 'x/a', message: 'Larger than 4096 bytes' },
      { message: 'The type of its event is not known' },
      { key: 'x/a', message: 'Expected v1 Pod, got v1 Secret' },
      'deleted',
    ]);
  });

  test('FrameSplitter takes a change in the same way, however its line is written', () => {
    const object = JSON.stringify(pod);
    const usual = `{"type":"MODIFIED","object":${object}}`;
    for (const written of [
      usual,
      `${usual}\r`,
      `${usual} `,
      ` ${usual}`,
      usual.replace('object":{', 'object": {'),
      usual.replace('"kind":', '"kind": '),
      usual.replace('MODIFIED', '\\u004dODIFIED'),
      usual.replace('"v1"', '"v\\u0031"'),
      `{"object":${object},"type":"MODIFIED"}`,
      `{"type":"MODIFIED","object":${object},"more":{}}`,
      `{"type":"ADDED","object":${object},"type":"MODIFIED"}`,
    ]) {
      const result = frames([`${written}\n${usual}\n`], { apiVersion: 'v1', kind: 'Pod' });
      expect(result.map(shown), written).toEqual(Array(2).fill({ type: 'modified', key: 'x/a', object: pod }));
    }
    for (const broken of [usual.replace('"kind"', '\n"kind"'), usual.slice(0, -1), usual.replace('{"api', '["api')]) {
      const result = frames([`${usual}\n${broken}\n`]);
      expect(result.map(({ type }) => type)).toEqual(['modified', 'error']);
    }
  });

  test('FrameSplitter copies no change that stands in one chunk; those in pieces share buffers (Compact)', () => {
    const splitter = new FrameSplitter<Thing>(limits);
    const text = line('ADDED', pod);
    const chunk = Buffer.from(Uint8Array.from(Buffer.from(text.repeat(3) + text.slice(0, 40))).buffer);
    const rest = Uint8Array.from(Buffer.from(text.slice(40) + text.slice(0, 50)));
    const items = [chunk, rest, Buffer.from(text.slice(50))].flatMap((bytes) =>
      splitter.push(bytes).flatMap((frame) => (frame.type === 'added' ? [frame.item] : [])),
    );
    const buffers = items.map(({ bytes }) => bytes.buffer);
    expect(buffers.map((buffer) => buffer === chunk.buffer)).toEqual([true, true, true, false, false]);
    expect(buffers[3]).toBe(buffers[4]);
    expect(items.map(({ object }) => object)).toEqual(Array(5).fill(pod));
  });

  test('FrameSplitter keeps no large buffer alive of which its chunks are small parts (Compact)', () => {
    const large = Buffer.alloc(1 << 20, line('ADDED', pod));
    const splitter = new FrameSplitter<Thing>(limits);
    const [first] = splitter.push(large.subarray(0, line('ADDED', pod).length));
    const half = splitter.push(large.subarray(0, 30));
    large.fill(0x20);
    expect(half).toEqual([]);
    const [second] = splitter.push(Buffer.from(line('ADDED', pod).slice(30)));
    expect([first, second].map((frame) => frame && shown(frame))).toEqual([
      { type: 'added', key: 'x/a', object: pod },
      { type: 'added', key: 'x/a', object: pod },
    ]);
  });
});
