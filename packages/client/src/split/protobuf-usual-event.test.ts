import { readEnvelope } from '@bowline/api/protobuf';
import { seededRandom } from '@bowline/apimachinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldWalk } from './field-walk.ts';
import { changeOf } from './frames.ts';
import { mutated } from './fuzz.fixture.ts';
import { envelope, field } from './protobuf.fixture.ts';
import { type EventType, UsualEvents } from './protobuf-usual-event.ts';

const event = (type: string, object: Buffer): Buffer =>
  Buffer.concat([field(1, Buffer.from(type)), field(2, field(1, object))]);
const object = Buffer.from('0a050a03776562', 'hex');
const pod = new UsualEvents('v1', 'Pod');

function found(events: UsualEvents, bytes: Buffer): unknown {
  const type = events.find(bytes, 0, bytes.length);
  return type && [type, bytes.toString('hex', events.from, events.to)];
}

test('UsualEvents finds the objects of what Go writes, of any length', () => {
  for (const length of [0, 1, 100, 127, 128, 16_000, 17_000, 2_100_000]) {
    const large = Buffer.alloc(length, 1);
    expect(found(pod, event('ADDED', envelope('v1', 'Pod', large)))).toEqual(['added', large.toString('hex')]);
  }
  const long = `example.com/${'v'.repeat(200)}`;
  const usual = event('MODIFIED', envelope(long, 'Pod', object));
  expect(found(new UsualEvents(long, 'Pod'), usual)).toEqual(['modified', object.toString('hex')]);
  expect(
    found(pod, event('DELETED', Buffer.concat([envelope('v1', 'Pod', object), field(4, Buffer.alloc(0))]))),
  ).toEqual(['deleted', object.toString('hex')]);
});

test('UsualEvents leaves alone other types, other kinds, and what is written otherwise', () => {
  const usual = envelope('v1', 'Pod', object);
  const others = [
    Buffer.alloc(0),
    event('BOOKMARK', usual),
    event('', usual),
    event('ADDED', envelope('v1', 'Pods', object)),
    event('ADDED', envelope('v2', 'Pod', object)),
    event('ADDED', Buffer.concat([usual, field(5, Buffer.alloc(0))])),
    Buffer.concat([event('ADDED', usual), field(3, Buffer.alloc(0))]),
    Buffer.concat([field(2, field(1, usual)), field(1, Buffer.from('ADDED'))]),
  ];
  expect(others.map((bytes) => found(pod, bytes))).toEqual(others.map(() => undefined));
});

/** Where the object of an event stands. */
interface Place {
  readonly type: EventType;
  readonly from: number;
  readonly to: number;
}

/** What a reader gives who knows all that protobuf allows; undefined for what it refuses. */
function readAll(bytes: Buffer, start: number, end: number): Place | undefined {
  const lastOf = (from: number, to: number, number: number): { start: number; end: number } | undefined => {
    let last: { start: number; end: number } | undefined;
    const walk = new FieldWalk(bytes, from, to);
    while (walk.next()) if (walk.isBytes && walk.number === number) last = { start: walk.start, end: walk.end };
    return walk.isBroken ? undefined : last;
  };
  const [word, extension] = [lastOf(start, end, 1), lastOf(start, end, 2)];
  const raw = extension && lastOf(extension.start, extension.end, 1);
  const type = word && changeOf(bytes.toString('latin1', word.start, word.end));
  if (raw === undefined || type === undefined) return undefined;
  try {
    const { apiVersion, kind, from, to } = readEnvelope(bytes, raw.start, raw.end);
    return apiVersion === 'v1' && kind === 'Pod' ? { type, from, to } : undefined;
  } catch {
    return undefined;
  }
}

function agrees(find: UsualEvents['find'], numRuns: number): void {
  const usual = ['ADDED', 'MODIFIED', 'DELETED'].map((type) => event(type, envelope('v1', 'Pod', object)));
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = seededRandom(String(seed));
      const dice = (below: number): number => Math.floor(random.next() * below);
      const [before, message, behind] = [dice(3), dice(3), dice(3)].map((index) => usual[index] as Buffer) as [
        Buffer,
        Buffer,
        Buffer,
      ];
      const broken = mutated(message, dice);
      const bytes = Buffer.concat([before, broken, behind]);
      const end = before.length + broken.length;
      const type = find(bytes, before.length, end);
      if (type !== undefined) expect({ type, from: pod.from, to: pod.to }).toEqual(readAll(bytes, before.length, end));
    }),
    { numRuns },
  );
}

test('UsualEvents finds nothing else than who knows all that protobuf allows', () => {
  agrees((bytes, start, end) => pod.find(bytes, start, end), 30_000);
});

test('UsualEvents: its property finds one that does not see where an event ends', () => {
  const careless: UsualEvents['find'] = (bytes, start, end) =>
    pod.find(bytes, start, end) ?? pod.find(bytes, start, end + 1) ?? pod.find(bytes, start, end - 1);
  expect(() => agrees(careless, 30_000)).toThrow(/Property failed/);
});
