import { createInterface } from 'node:readline';

/** What a step found; each figure travels in one line of JSON. */
export type Answer = Readonly<Record<string, number | string>>;

/** What a measured program can be told to do, by name. */
export type Steps = Readonly<Record<string, (argument: number) => Promise<Answer>>>;

/** Says that the program waits for what it is told by others: the events of a burst, or a relist. */
export const armed = (): void => say('armed', {});

function say(phase: string, answer: Answer): void {
  process.stdout.write(`${JSON.stringify({ phase, ...answer })}\n`);
}

/** Does what the lines of standard input say, one after the other, and answers each with a line; ends with `end` or with the input. */
export async function converse(steps: Steps): Promise<never> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Cannot measure memory: node must run with --expose-gc');
  say('ready', {});
  for await (const line of createInterface({ input: process.stdin })) {
    const [command = '', argument] = line.split(' ');
    if (command === 'end') break;
    if (command === 'collect') {
      gc();
      gc();
      say(command, { heapBytes: process.memoryUsage().heapUsed });
      continue;
    }
    if (command === 'release') {
      // What memory is for garbage to come is given back, too.
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      say(command, { heapBytes: process.memoryUsage().heapUsed });
      continue;
    }
    const step = steps[command];
    if (step === undefined) throw new Error(`Cannot follow the line "${line}": there is no such step`);
    say(command, await step(Number(argument)));
  }
  process.exit(0);
}
