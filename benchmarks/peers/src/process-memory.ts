import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A process and all that it has started, as Linux tells of them in /proc. */
function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

/** The fields of /proc/PID/stat after the name of the command, which may have anything in it; `undefined` when the process is gone. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const parentOf = (pid: number): number | undefined => {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
};

function sumOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  return treeOf(pid).reduce((sum, each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8');
    return sum + Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
  }, 0);
}

/** Bytes in memory now, of the whole tree. */
export const residentBytes = (pid: number): number => sumOf(pid, 'VmRSS');

/** The most bytes in memory since `resetPeak`, of the whole tree. */
export const peakBytes = (pid: number): number => sumOf(pid, 'VmHWM');

/** Forgets the peak so far. @see proc(5), clear_refs */
export function resetPeak(pid: number): void {
  for (const each of treeOf(pid)) writeFileSync(`/proc/${each}/clear_refs`, '5');
}

/** Linux counts in hundredths of a second, on every processor that Node runs on. */
const tickMs = 10;

/** Milliseconds of processor time so far, of the whole tree. */
export function processorMs(pid: number): number {
  return treeOf(pid).reduce((sum, each) => {
    const stat = statOf(each);
    return sum + (Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0)) * tickMs;
  }, 0);
}
