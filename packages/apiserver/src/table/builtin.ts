import { builtinColumns } from '../data/index.ts';
import { valueAt } from '../object.ts';
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

/** The printer of a built-in resource. Columns are the real server's, cells are ours. */
export function builtinPrinter(group: string, version: string, resource: string): TablePrinter {
  const columns = builtinColumns(group, version, resource);
  const cells = cellsOf[`${group}/${resource}`] ?? nameAndCreation;
  return group === '' && resource === 'pods' ? { columns, cells, conditions: podConditions } : { columns, cells };
}
