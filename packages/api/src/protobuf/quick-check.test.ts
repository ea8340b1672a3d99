import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkMessage, type MessageType, quickCheck } from './index.ts';
import { typeOf } from './objects.fixture.ts';
import { varint } from './random-message.fixture.ts';

function field(number: number, ...values: readonly (Uint8Array | string)[]): Buffer {
  const value = Buffer.concat(values.map((one) => Buffer.from(one)));
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

/** ObjectMeta. */
const named = field(1, field(1, 'web'), field(3, 'shop'), field(5, 'u-1'), field(6, '4711'));
const unnamed = field(1, field(2, 'web-'));

describe('quickCheck', () => {
  test('quickCheck tells where names stand, also of an object in the middle of other bytes', async () => {
    const type = await typeOf('v1', 'ConfigMap');
    const object = Buffer.concat([named, field(2, field(1, 'a'), field(2, 'b'))]);
    for (const before of [0, 1, 300]) {
      const bytes = Buffer.concat([Buffer.alloc(before, 'x'), object, Buffer.from('xx')]);
      const places = quickCheck(type, bytes, before, before + object.length);
      if (places === undefined) throw new Error('left to checkMessage');
      expect([
        bytes.toString('utf8', places.nameStart, places.nameEnd),
        bytes.toString('utf8', places.namespaceStart, places.namespaceEnd),
        bytes.toString('utf8', places.uidStart, places.uidEnd),
        bytes.toString('utf8', places.resourceVersionStart, places.resourceVersionEnd),
      ]).toEqual(['web', 'shop', 'u-1', '4711']);
    }
  });

  test('quickCheck forgets the names of the object before', async () => {
    const type = await typeOf('v1', 'ConfigMap');
    expect(quickCheck(type, named)).toBeDefined();
    const { nameStart, nameEnd, namespaceStart, namespaceEnd, ...rest } = quickCheck(type, unnamed) ?? expect.fail();
    const { uidStart, uidEnd, resourceVersionStart, resourceVersionEnd } = rest;
    const lengths = [nameEnd - nameStart, namespaceEnd - namespaceStart, uidEnd - uidStart];
    expect([...lengths, resourceVersionEnd - resourceVersionStart]).toEqual([0, 0, 0, 0]);
  });

  test('quickCheck passes objects of 256 KiB whose last text is short', async () => {
    const type = await typeOf('v1', 'ConfigMap');
    for (const text of ['', 'y', 'yyyyyyyyyyyyyyy']) {
      const last = field(2, field(1, 'b'), field(2, text));
      const filled = (length: number): Buffer =>
        Buffer.concat([named, field(2, field(1, 'a'), field(2, 'x'.repeat(length))), last]);
      const object = filled(262_144 - filled(262_000).length + 262_000);
      expect(object.length).toBe(262_144);
      expect(quickCheck(type, object)).toBeDefined();
    }
  });
});

describe('quickCheck where WebAssembly cannot be used', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** What a process says in which nothing has been loaded. */
  async function fresh(): Promise<() => ReturnType<typeof quickCheck>> {
    vi.resetModules();
    const loaded = await import('./index.ts');
    const type = (await loaded.loadMessageType({ group: '', version: 'v1', kind: 'ConfigMap' })) as MessageType;
    expect(loaded.checkMessage(type, named)).toBe(checkMessage(type, named));
    return () => loaded.quickCheck(type, named);
  }

  /** A module whose memory does not grow. */
  const cannotGrow = (error: Error): object => ({
    Module: class {},
    Instance: class {
      readonly exports = {
        memory: {
          buffer: new ArrayBuffer(65_536),
          grow: () => {
            throw error;
          },
        },
      };
    },
    CompileError: class extends Error {},
  });

  test('quickCheck passes an object in a process that has just begun', async () => {
    expect((await fresh())()).toBeDefined();
  });

  test.each([
    ['there is none', undefined],
    ['there is no room for its memory', cannotGrow(new RangeError('no room'))],
  ])('quickCheck leaves all to checkMessage, again and again, where %s', async (_, global) => {
    const check = await fresh();
    vi.stubGlobal('WebAssembly', global);
    expect([check(), check()]).toEqual([undefined, undefined]);
  });

  test('quickCheck keeps no failure to itself that is not about room', async () => {
    const check = await fresh();
    vi.stubGlobal('WebAssembly', cannotGrow(new TypeError('a fault')));
    expect(check).toThrow('a fault');
  });
});
