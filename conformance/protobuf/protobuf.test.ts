import { builtinKinds } from '@bowline/api';
import { loadMessageType, type MessageType } from '@bowline/api/protobuf';
import { groupVersion } from '@bowline/apimachinery';
import { afterAll, expect, test } from 'vitest';
import { judge, type Pair } from './judge.ts';
import { buildTables, type Sample, type Table } from './table.ts';

const seed = Number(process.env.BOWLINE_SEED ?? 11);
console.log(`protobuf: BOWLINE_SEED=${seed}`);
const { newer, older, remove } = buildTables();
afterAll(remove);

/** Lists hold objects whose kinds have a turn of their own. */
const isList = (kind: string): boolean => kind.endsWith('List');

/** Kinds with a field that the newer release always writes, as Go's zero when it is not there; the older one does not know it. */
const newerForm = ['certificates.k8s.io/v1beta1/PodCertificateRequest']; // stubPKCS10Request

const cases = [
  ...newer.kinds.map((kind) => ({ kind, table: newer, count: isList(kind) ? 50 : 1_000 })),
  ...older.kinds
    .filter((kind) => !isList(kind) && !newerForm.includes(kind))
    .map((kind) => ({ kind, table: older, count: newer.kinds.includes(kind) ? 50 : 1_000 })),
].map((each) => [`${each.count} × ${each.kind} of ${each.table.release}`, each] as const);

async function typeOf(kind: string): Promise<MessageType> {
  const slash = kind.lastIndexOf('/');
  const type = await loadMessageType({ ...groupVersion(kind.slice(0, slash)), kind: kind.slice(slash + 1) });
  if (type === undefined) throw new Error(`${kind} has no table`);
  return type;
}

/** What is wrong with any of `count` objects; nothing more once five are. */
async function verdicts(table: Table, kind: string, count: number): Promise<{ judged: number; wrong: string[] }> {
  const type = await typeOf(kind);
  const wrong: string[] = [];
  const asked: { readonly where: string; readonly pair: Pair }[] = [];
  let judged = 0;
  for await (const sample of table.objects(kind, seed, count)) {
    const where = `${kind} of ${table.release}, BOWLINE_SEED=${seed}, object ${judged++}`;
    const verdict = judge(type, sample);
    if (typeof verdict === 'string') wrong.push(`${where}: ${verdict}`);
    else if (verdict !== undefined) asked.push({ where, pair: verdict });
    if (wrong.length >= 5) return { judged, wrong };
  }
  const answers = table.compare(
    kind,
    asked.map(({ pair }) => pair),
  );
  for (const [place, { where }] of asked.entries()) {
    const answer = answers[place];
    if (answer !== 'same') wrong.push(`${where}: Go does not read what we wrote as equal: ${answer}`);
  }
  return { judged, wrong };
}

test.each(cases)('%s: decoded as by Go, encoded to what Go writes', async (_title, { kind, table, count }) => {
  expect(await verdicts(table, kind, count)).toEqual({ judged: count, wrong: [] });
});

test('every built-in kind is one of those that Go has', () => {
  const ours = builtinKinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`);
  expect(ours.length).toBeGreaterThan(90);
  expect(ours.filter((kind) => !newer.kinds.includes(kind) && !older.kinds.includes(kind))).toEqual([]);
});

test('what is decoded or encoded otherwise is found, with the path', async () => {
  const type = await typeOf('v1/ConfigMap');
  for await (const sample of newer.objects('v1/ConfigMap', seed, 5)) {
    expect(judge(type, sample)).toBeUndefined();
    const metadata = { ...(sample.json.metadata as object), uid: 'other' };
    expect(judge(type, { ...sample, json: { ...sample.json, metadata } })).toContain('first at $.metadata');
  }
  const pods = await typeOf('v1/Pod');
  const made: Sample[] = [];
  for await (const sample of newer.objects('v1/Pod', seed, 2)) made.push(sample);
  const [first, second] = made as [Sample, Sample];
  expect(judge(pods, { ...first, again: second.protobuf })).toContain('encoded to other bytes than by Go, first at $');
  const pair = judge(pods, { ...first, again: second.protobuf, respelled: true }) as Pair;
  expect(newer.compare('v1/Pod', [pair, [pair[1], pair[1]]])).toEqual([expect.stringContaining(' is not '), 'same']);
});
