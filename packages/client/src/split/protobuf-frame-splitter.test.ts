import type { Pod } from '@bowline/api/core/v1';
import { encodeMessage } from '@bowline/api/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { core, coreType, cut, envelope, field, frame } from './protobuf.fixture.ts';
import { ProtobufEncoding } from './protobuf-encoding.ts';
import { ProtobufFrameSplitter } from './protobuf-frame-splitter.ts';
import type { SplitFrame } from './split-item.ts';

const limits = { maxItemBytes: 2_000, maxDepth: 1_000 };
const pod = new ProtobufEncoding<Pod>('v1', 'Pod', await coreType('Pod'));
const web = { metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7' } };
const change = async (type: string): Promise<Buffer> => frame(type, await core('Pod', web));

function split(
  bytes: Uint8Array,
  shares: readonly number[] = [],
): { readonly frames: SplitFrame<Pod>[]; readonly failed: boolean; readonly unknown: number } {
  let unknown = 0;
  const splitter = new ProtobufFrameSplitter<Pod>(limits, pod, () => unknown++);
  const frames = cut(bytes, shares).flatMap((chunk) => splitter.push(chunk));
  return { frames: [...frames, ...splitter.end()], failed: splitter.failed, unknown };
}

/** What a test looks at. */
const shown = (frames: readonly SplitFrame<Pod>[]): unknown[] =>
  frames.map((one) => ('item' in one ? [one.type, one.item.key, one.item.object.metadata.uid] : one));

describe('ProtobufFrameSplitter', () => {
  test('ProtobufFrameSplitter refers to a chunk, but keeps no larger buffer alive in which that stands', async () => {
    const bytes = await change('ADDED');
    const bufferOf = (chunk: Uint8Array): unknown => {
      const [one] = new ProtobufFrameSplitter<Pod>(limits, pod, () => {}).push(chunk);
      return one && 'item' in one && one.item.bytes.buffer;
    };
    const own = new Uint8Array(bytes);
    expect(bufferOf(own)).toBe(own.buffer);
    const large = Buffer.concat([bytes, Buffer.alloc(65_536)]);
    expect(bufferOf(large.subarray(0, bytes.length))).toMatchObject({ byteLength: bytes.length });
  });

  test('ProtobufFrameSplitter gives changes and bookmarks, however the bytes are cut', async () => {
    const bookmark = (annotations?: object) =>
      core('Pod', { metadata: { resourceVersion: '8', ...(annotations && { annotations }) } });
    const stream = Buffer.concat([
      await change('ADDED'),
      await change('MODIFIED'),
      frame('BOOKMARK', await bookmark()),
      frame('BOOKMARK', await bookmark({ 'k8s.io/initial-events-end': 'true' })),
      await change('DELETED'),
    ]);
    const expected = [
      ['added', 'default/web', 'u1'],
      ['modified', 'default/web', 'u1'],
      { type: 'bookmark', resourceVersion: '8', initialEventsEnd: false },
      { type: 'bookmark', resourceVersion: '8', initialEventsEnd: true },
      ['deleted', 'default/web', 'u1'],
    ];
    expect(shown(split(stream).frames)).toEqual(expected);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(share, { maxLength: 40 }), (shares) => {
        expect(shown(split(stream, shares).frames)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('ProtobufFrameSplitter ends with the error that the server sends', async () => {
    const status = await core('Status', { status: 'Failure', message: 'too old', reason: 'Expired', code: 410 });
    const { frames, failed } = split(Buffer.concat([frame('ERROR', status), await change('ADDED')]));
    expect(frames).toMatchObject([{ type: 'error', error: { code: 'API_EXPIRED', message: 'too old' } }]);
    expect(failed).toBe(true);
  });

  test('Undecodable is reported: objects that cannot be used are named, and the rest goes on', async () => {
    const broken = await core('Pod', { ...web, spec: { nodeName: 'node' } });
    broken[broken.indexOf('node')] = 0xff;
    const large = await core('Pod', { ...web, spec: { nodeName: 'n'.repeat(3_000) } });
    const { frames, failed } = split(
      Buffer.concat([
        frame('ADDED', broken),
        frame('ADDED', large),
        frame('ADDED', await core('Node', web)),
        frame('RENAMED', await core('Pod', web)),
        await change('ADDED'),
      ]),
      [0.5],
    );
    expect(frames.map((one) => ('undecodable' in one ? one.undecodable : one.type))).toEqual([
      { key: 'default/web', message: 'PodSpec.nodeName is not UTF-8' },
      { message: 'Larger than 2000 bytes' },
      { message: 'Expected v1 Pod, got v1 Node' },
      { message: 'The type of its event is not known' },
      'added',
    ]);
    expect(failed).toBe(false);
  });

  test('Nothing is lost: fields of an object that its table lacks end the stream, and are told', async () => {
    const message = Buffer.concat([encodeMessage(await coreType('Pod'), web), field(30, Buffer.from('new'))]);
    const result = split(Buffer.concat([await change('ADDED'), frame('MODIFIED', envelope('v1', 'Pod', message))]));
    expect(shown(result.frames)).toEqual([['added', 'default/web', 'u1']]);
    expect(result).toMatchObject({ failed: true, unknown: 1 });
  });

  test.each<[string, () => Promise<Buffer>, string]>([
    ['bytes that are no event', async () => frame('ADDED', Buffer.from('x')), 'sent a frame that is no event'],
    ['an event without an object', async () => Buffer.from([0, 0, 0, 3, 10, 1, 65]), 'sent a frame that is no event'],
    ['a frame that is cut off', async () => (await change('ADDED')).subarray(0, -1), 'ended within an event'],
    ['half a length', async () => Buffer.from([0, 0]), 'ended within an event'],
  ])('No event is lost in silence: %s', async (_, bytes, message) => {
    const { frames } = split(await bytes());
    expect(frames).toMatchObject([{ type: 'error', error: { message: expect.stringContaining(message) } }]);
    expect(frames[0]).not.toHaveProperty('undecodable');
  });
});
