import { compareBytes } from '@bowline/apimachinery';
import { builtinColumns } from '../data/index.ts';
import { numberAt, valueAt } from '../object.ts';
import { clusterCells } from './cluster-cells.ts';
import { networkCells } from './network-cells.ts';
import { podCells, podConditions } from './pod-cells.ts';
import { policyCells } from './policy-cells.ts';
import type { TablePrinter } from './table.ts';
import type { Cells } from './text.ts';
import { workloadCells } from './workload-cells.ts';

/** Cells by `group/resource`; resources that are not here show their name and creation time. */
const cellsOf: Readonly<Record<string, Cells>> = {
  ...clusterCells,
  ...networkCells,
  ...policyCells,
  ...workloadCells,
  '/pods': podCells,
};

const nameAndCreation: Cells = (object) => [
  object.metadata.name ?? '',
  valueAt(object, 'metadata', 'creationTimestamp') ?? null,
];

/** Flow schemas in the order in which they are tried; the lists that clients get as objects stay in that of names. @see k8s.io/kubernetes pkg/printers/internalversion `printFlowSchemaList` */
const byPrecedence: TablePrinter['compare'] = (a, b) =>
  (numberAt(a, 'spec', 'matchingPrecedence') ?? 0) - (numberAt(b, 'spec', 'matchingPrecedence') ?? 0) ||
  compareBytes(a.metadata.name ?? '', b.metadata.name ?? '');

/** What tables of some resources have besides cells. */
const extras: Readonly<Record<string, Pick<TablePrinter, 'compare' | 'conditions'>>> = {
  '/pods': { conditions: podConditions },
  'flowcontrol.apiserver.k8s.io/flowschemas': { compare: byPrecedence },
};

/** The printer of a built-in resource. Columns are the real server's, cells are ours. */
export function builtinPrinter(group: string, version: string, resource: string): TablePrinter {
  const columns = builtinColumns(group, version, resource);
  const name = `${group}/${resource}`;
  return { columns, cells: cellsOf[name] ?? nameAndCreation, ...extras[name] };
}
