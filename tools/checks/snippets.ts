import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { report, root } from './report.ts';
import { run } from './run.ts';
import { outputMatches, type Snippet, snippetsOfMarkdown, snippetsOfSource } from './snippet-parser.ts';

const folder = `${root}tools/.snippets`;
const timeoutMs = 60_000;

/** All snippets of READMEs, docs and doc comments. */
function collect(): Snippet[] {
  const markdown = globSync(
    ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'],
    { cwd: root },
  );
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.test\.ts$|\/generated\//.test(file),
  );
  return [
    ...markdown.sort().flatMap((file) => snippetsOfMarkdown(file, readFileSync(root + file, 'utf8'))),
    ...sources.sort().flatMap((file) => snippetsOfSource(file, readFileSync(root + file, 'utf8'))),
  ];
}

async function execute(snippet: Snippet, file: string): Promise<string | undefined> {
  const args = ['--conditions=@bowline/source', '--disable-warning=ExperimentalWarning', file];
  try {
    const stdout = await run(process.execPath, args, { cwd: folder, timeoutMs });
    if (snippet.output === undefined || outputMatches(stdout, snippet.output)) return undefined;
    return `${snippet.where}: printed\n${stdout}\ninstead of\n${snippet.output}`;
  } catch (error) {
    return `${snippet.where}: ${(error as Error).message}`;
  }
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const snippets = collect();
const failures: string[] = [];
const files = snippets.map((snippet, index) => {
  const file = `${folder}/${String(index).padStart(3, '0')}.ts`;
  writeFileSync(file, `${snippet.code}\nexport {};\n`);
  return file;
});
writeFileSync(
  `${folder}/tsconfig.json`,
  JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      noEmit: true,
      isolatedDeclarations: false,
      declaration: false,
      declarationMap: false,
      noImplicitOverride: false,
    },
    include: ['*.ts'],
  }),
);
await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: root }).catch(({ message }: Error) => {
  const errors: string[] = [];
  for (const line of message.split('\n')) {
    const match = /\.snippets\/(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line);
    if (match) errors.push(`${snippets[Number(match[1])]?.where} line ${match[2]}: ${match[3]}`);
    else if (/error TS/.test(line)) errors.push(line);
  }
  // Without one it did not come to check anything.
  failures.push(...(errors.length > 0 ? errors : [message]));
});

const waiting = snippets
  .map((snippet, index) => ({ snippet, file: files[index] ?? '' }))
  .filter(({ snippet }) => snippet.runs);
const executed = waiting.length;
await Promise.all(
  Array.from({ length: 2 }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const failure = await execute(next.snippet, next.file);
      if (failure !== undefined) failures.push(failure);
    }
  }),
);
if (executed === 0) failures.push('no snippet was executed');
else if (failures.length === 0) rmSync(folder, { recursive: true, force: true });
report({ name: 'snippets', passed: Math.max(0, snippets.length - failures.length), failures });
