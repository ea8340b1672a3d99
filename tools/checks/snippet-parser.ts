/** A code block that readers will copy. */
export interface Snippet {
  /** `file:line` of its first line. */
  readonly where: string;
  readonly code: string;
  /** False for blocks fenced as `ts no-run`: they need something from outside and are only type-checked. */
  readonly runs: boolean;
  /** What it prints, when the text says so. */
  readonly output?: string | undefined;
}

/** Fenced `ts` blocks; a `text` block after a line `Output:` is what the block before it prints. */
export function snippetsOfMarkdown(file: string, text: string): Snippet[] {
  const snippets: Snippet[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const fence = /^```(\w+)\s*(.*)$/.exec(lines[index] ?? '');
    if (!fence) continue;
    const start = index + 1;
    index = lines.indexOf('```', start);
    if (index < 0) throw new Error(`${file}:${start}: the code block does not end`);
    const code = lines.slice(start, index).join('\n');
    const [, language, info] = fence;
    const last = snippets.at(-1);
    if (language === 'ts') snippets.push({ where: `${file}:${start + 1}`, code, runs: info?.trim() !== 'no-run' });
    else if (
      language === 'text' &&
      last &&
      /^Output:$/m.test(
        lines
          .slice(0, start - 1)
          .slice(-3)
          .join('\n'),
      )
    ) {
      snippets[snippets.length - 1] = { ...last, output: code };
    }
  }
  return snippets;
}

/** Fenced blocks inside doc comments. */
export function snippetsOfSource(file: string, text: string): Snippet[] {
  const comments = text.matchAll(/\/\*\*[\s\S]*?\*\//g);
  return [...comments].flatMap((comment) => {
    const line = text.slice(0, comment.index).split('\n').length;
    const body = comment[0]
      .split('\n')
      .map((each) => each.replace(/^\s*\*( |$)/, ''))
      .join('\n');
    return snippetsOfMarkdown(file, body).map((snippet) => ({
      ...snippet,
      where: `${file}:${line + Number(snippet.where.split(':').at(-1)) - 1}`,
    }));
  });
}

/** Compares what was printed with what was promised; `…` stands for anything within a line. */
export function outputMatches(printed: string, promised: string): boolean {
  const lines = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
  const actual = lines(printed);
  const expected = lines(promised);
  return (
    actual.length === expected.length &&
    expected.every((line, index) => {
      const pattern = line
        .split('…')
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*');
      return new RegExp(`^${pattern}$`).test(actual[index] ?? '');
    })
  );
}
