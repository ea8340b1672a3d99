import type { Recorded, RecordedSuite } from './record.ts';

/** Texts shorter than this are not worth a number. */
const shortest = 24;

/**
 * The file that holds recorded suites: what several causes end with stands once in `texts`, and what follows from the rest (the
 * usual code, the first word of a reason) is left out.
 */
export function compact(suites: readonly RecordedSuite[]): string {
  const counts = new Map<string, number>();
  for (const cause of suites
    .flatMap(({ create, update }) => [...create, ...update])
    .flatMap(({ causes = [] }) => causes)) {
    const [, ending] = split(cause);
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const texts = [...counts].filter(([text, count]) => count > 1 && text.length >= shortest).map(([text]) => text);
  const numbers = new Map(texts.map((text, index) => [text, index]));
  const lines = suites.map((suite) =>
    JSON.stringify({
      ...suite,
      create: suite.create.map((recorded) => shortened(recorded, 201, numbers)),
      update: suite.update.map((recorded) => shortened(recorded, 200, numbers)),
    }),
  );
  return `{"texts":${JSON.stringify(texts)},\n"suites":[\n${lines.join(',\n')}\n]}\n`;
}

/** A cause where its text leaves the value behind. */
function split(cause: string): [string, string] {
  const at = cause.lastIndexOf('": ');
  return at < 0 ? [cause, ''] : [cause.slice(0, at + 3), cause.slice(at + 3)];
}

function shortened(recorded: Recorded, usual: number, numbers: ReadonlyMap<string, number>): object {
  const { code, causes, ...rest } = recorded;
  const expected = causes === undefined ? usual : 422;
  return {
    ...rest,
    ...(code === expected ? {} : { code }),
    ...(causes === undefined
      ? {}
      : {
          causes: causes.map((cause) => {
            const [start, ending] = split(cause.replace(/^FieldValue/, ''));
            const number = numbers.get(ending);
            return number === undefined ? start + ending : `${start}<${number}>`;
          }),
        }),
  };
}
