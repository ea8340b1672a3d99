import { globSync } from 'node:fs';
import ts from 'typescript';
import type { Manifest } from './workspace.ts';

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A compiler host that parses each file once, however many packages import it. */
function sharedHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  return {
    ...host,
    getSourceFile: (file, ...rest) => {
      if (!parsed.has(file)) parsed.set(file, read(file, ...rest));
      return parsed.get(file);
    },
  };
}

/** Every exported declaration of a package without comments and bodies, sorted: what users can depend on. */
export function publicApi(folder: string, manifest: Manifest): string {
  const entries = entryPoints(folder, manifest);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['@bowline/source'],
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [new URL('../../node_modules/@types', import.meta.url).pathname],
  };
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    options,
    sharedHost(options),
  );
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  const declarations = new Map<ts.SourceFile, Map<string, string>>();
  const lines: string[] = [];
  for (const { name, file, namesOnly } of entries) {
    const source = program.getSourceFile(file);
    const symbol = source && checker.getSymbolAtLocation(source);
    if (!source || !symbol) throw new Error(`Cannot read the public API: ${file} is not a module`);
    const symbols = checker.getExportsOfModule(symbol).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    lines.push(`// ${manifest.name}${name.slice(1)}`);
    if (namesOnly) lines.push(symbols.map((each) => each.name).join(' '));
    else {
      const exports = new Set(symbols.map((each) => each.name));
      lines.push(...new Set(symbols.flatMap((each) => declarationsOf(each, exports))));
    }
    lines.push('');
  }
  return lines.join('\n');

  function declarationsOf(exported: ts.Symbol, exports: ReadonlySet<string>): string[] {
    const symbol = resolved(exported);
    const texts = (symbol.declarations ?? []).flatMap((node) => {
      const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
      const text = emitted(statement.getSourceFile()).get(symbol.name) ?? `export ${exported.name}`;
      return [text, ...inherited(node, exports)];
    });
    return [...new Set(texts)];
  }

  /** A base that is not exported itself is public through what extends it. */
  function inherited(node: ts.Node, exports: ReadonlySet<string>): string[] {
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return [];
    return (node.heritageClauses ?? []).flatMap(({ token, types }) =>
      token !== ts.SyntaxKind.ExtendsKeyword
        ? []
        : types.flatMap(({ expression }) => {
            const base = checker.getSymbolAtLocation(expression);
            if (!base || exports.has(resolved(base).name)) return [];
            const files = resolved(base).declarations?.map((each) => each.getSourceFile().fileName) ?? [];
            return files.every((file) => file.startsWith(`${folder}/`)) ? declarationsOf(base, exports) : [];
          }),
    );
  }

  function resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The declarations that the compiler emits for a source file, by name. */
  function emitted(source: ts.SourceFile): Map<string, string> {
    const known = declarations.get(source);
    if (known) return known;
    const byName = new Map<string, string>();
    declarations.set(source, byName);
    if (source.isDeclarationFile) return byName;
    program.emit(
      source,
      (_name, text) => {
        const file = ts.createSourceFile('emitted.d.ts', text, ts.ScriptTarget.Latest, true);
        for (const statement of file.statements) {
          const print = (): string =>
            printer.printNode(ts.EmitHint.Unspecified, statement, file).replaceAll(/ #private;|\s+#private;/g, '');
          if (ts.isVariableStatement(statement))
            for (const { name } of statement.declarationList.declarations) byName.set(name.getText(file), print());
          else if ('name' in statement && statement.name) {
            const name = (statement.name as ts.Identifier).text;
            byName.set(name, byName.has(name) ? `${byName.get(name)}\n${print()}` : print());
          }
        }
      },
      undefined,
      true,
    );
    return byName;
  }
}

/** The modules a user can import. Generated families (`./*`) are recorded by name only. */
function entryPoints(folder: string, manifest: Manifest): { name: string; file: string; namesOnly: boolean }[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([name, target]) => {
    const source = typeof target === 'string' ? undefined : target['@bowline/source'];
    if (source === undefined) return [];
    if (!source.includes('*')) return [{ name, file: `${folder}/${source}`, namesOnly: source.includes('generated') }];
    const [before = '', after = ''] = source.replace(/^\.\//, '').split('*');
    return globSync(`${before}**/*${after}`, { cwd: folder })
      .filter((file) => !file.endsWith('.test.ts'))
      .sort()
      .map((file) => ({
        name: name.replace('*', file.slice(before.length, file.length - after.length)),
        file: `${folder}/${file}`,
        namesOnly: true,
      }));
  });
}
