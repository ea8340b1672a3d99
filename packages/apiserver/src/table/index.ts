export { builtinPrinter } from './builtin.ts';
export { customPrinter } from './custom.ts';
export { type JsonPath, parseJsonPath } from './json-path.ts';
export { renderTable, type TablePrinter } from './table.ts';
