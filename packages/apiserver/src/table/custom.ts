import { since } from './duration.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';
import type { TableColumn, TablePrinter } from './table.ts';

/** A column that a CustomResourceDefinition declares. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
}

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

/** What a version that declares no columns shows beside the name. */
const defaultColumns: readonly PrinterColumn[] = [
  {
    name: 'Age',
    type: 'date',
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
    jsonPath: '.metadata.creationTimestamp',
  },
];

/** The printer of a custom resource's version. @throws {SyntaxError} for a path that cannot be parsed. */
export function customPrinter(declared: readonly PrinterColumn[] | undefined): TablePrinter {
  const columns = declared === undefined || declared.length === 0 ? defaultColumns : declared;
  const paths = columns.map(({ jsonPath, type }) => ({ path: parseJsonPath(jsonPath), type }));
  return {
    columns: [
      nameColumn,
      ...columns.map(({ name, type, format = '', description, priority = 0, jsonPath }) => ({
        name,
        type,
        format,
        description:
          description === undefined || description === ''
            ? `Custom resource definition column (in JSONPath format): ${jsonPath}`
            : description,
        priority,
      })),
    ],
    cells: (object, nowMs) => [
      object.metadata.name ?? '',
      ...paths.map(({ path, type }) => cell(path, type, object, nowMs)),
    ],
  };
}

/** The first value that a path finds, as its column's type; null when there is none or it has another type. */
function cell(path: JsonPath, type: string, object: unknown, nowMs: number): unknown {
  const [value] = path.find(object);
  if (value === undefined) return null;
  switch (type) {
    case 'string':
      return typeof value === 'object' && value !== null
        ? JSON.stringify(value)
        : value === null
          ? '<nil>'
          : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, nowMs);
    default:
      return null;
  }
}
