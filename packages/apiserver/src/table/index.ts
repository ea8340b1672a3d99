export { builtinPrinter } from './builtin.ts';
export { customPrinter, type PrinterColumn } from './custom.ts';
export { type JsonPath, parseJsonPath } from './json-path.ts';
export { type RowCondition, renderTable, type TableColumn, type TablePrinter, type TableRequest } from './table.ts';
