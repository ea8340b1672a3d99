import { type JsonObject, type ServerObject, valueAt } from '../object.ts';

/** @see k8s.io/apimachinery meta/v1 `TableColumnDefinition` */
export interface TableColumn {
  readonly name: string;
  /** OpenAPI type: `string`, `integer`, `number`, `boolean`, `date`. */
  readonly type: string;
  /** `name` marks the column that names the object. */
  readonly format: string;
  readonly description: string;
  /** 0: always shown; above: only where there is room (`-o wide`). */
  readonly priority: number;
}

/** @see k8s.io/apimachinery meta/v1 `TableRowCondition` */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** How objects of one resource become rows. */
export interface TablePrinter {
  readonly columns: readonly TableColumn[];
  /** One cell per column. */
  cells(object: ServerObject, nowMs: number): readonly unknown[];
  /** The order of the rows of a list, where it is not that of the names. */
  compare?(a: ServerObject, b: ServerObject): number;
  /** Conditions that apply to the whole row. */
  conditions?(object: ServerObject): readonly RowCondition[];
}

/** What a client asked for when it asked for a table. */
export interface TableRequest {
  readonly printer: TablePrinter;
  readonly objects: readonly ServerObject[];
  readonly apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  /** `resourceVersion`, `continue`, `remainingItemCount` of the list; of a single object, its resource version. */
  readonly metadata: JsonObject;
  /** What each row says of its object. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly nowMs: number;
  /** False for all events of a watch but the first. */
  readonly withColumns: boolean;
}

/** Renders objects as a `Table`. @see spec of `Table` in k8s.io/apimachinery meta/v1 */
export function renderTable({
  printer,
  objects,
  apiVersion,
  metadata,
  includeObject,
  nowMs,
  withColumns,
}: TableRequest): JsonObject {
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions: withColumns ? printer.columns : null,
    rows: inOrder(objects, printer).map((object) => {
      const conditions = printer.conditions?.(object) ?? [];
      return {
        cells: printer.cells(object, nowMs),
        ...(conditions.length > 0 ? { conditions } : {}),
        object: rowObject(object, includeObject, apiVersion),
      };
    }),
  };
}

function inOrder(objects: readonly ServerObject[], { compare }: TablePrinter): readonly ServerObject[] {
  return compare === undefined ? objects : [...objects].sort(compare);
}

function rowObject(object: ServerObject, include: TableRequest['includeObject'], apiVersion: string): unknown {
  switch (include) {
    case 'None':
      return null;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion, metadata: valueAt(object, 'metadata') };
    case 'Object':
      return object;
  }
}
