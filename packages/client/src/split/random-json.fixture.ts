import { type Dice, pick } from './views.fixture.ts';

const words = [
  'a',
  'b.c',
  'b',
  'c',
  'name',
  'metadata',
  'spec',
  'é',
  '🎉',
  '"',
  '\n',
  '\ud800',
  '1',
  '0',
  '__proto__',
  '',
];
const texts = [...words, '"a":1', '}', ']}', '\\"', '\\', 'items', 'x'.repeat(60), '\\\\"'];
const numbers = ['0', '-0', '7', '-1.5e3', '1E400', '12345678901234567890', '0.25', '1e-7'];

/** Writes random JSON of lists and of watches, in usual and in unusual ways. */
export class RandomJson {
  readonly #dice: Dice;
  /** What may stand between tokens. */
  readonly #spaces: readonly string[];
  readonly #escapes: number;

  constructor(dice: Dice, breaksLines: boolean) {
    this.#dice = dice;
    this.#spaces = dice(3) > 0 ? [''] : ['', ' ', '\t', breaksLines ? '\n' : '\r'];
    this.#escapes = dice(4) > 0 ? 0 : 1 + dice(3);
  }

  list(): string {
    const items = Array.from({ length: this.#dice(4) }, () => this.item());
    const members: [string, string][] = [
      ['kind', '"ThingList"'],
      ['apiVersion', '"example.com/v1"'],
      ['metadata', '{"resourceVersion":"7"}'],
      ['items', this.#rarely() ? this.#value(2) : `[${items.join(this.#comma())}]`],
    ];
    if (this.#rarely()) members.push([pick(words, this.#dice), this.#value(2)]);
    if (this.#rarely()) members.splice(this.#dice(4), 1);
    return this.#object(this.#dice(2) === 0 ? members : this.#shuffled(members));
  }

  event(): string {
    const type = pick(['ADDED', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR', 'OTHER'], this.#dice);
    const members: [string, string][] = [
      ['type', this.#text(type)],
      ['object', this.#rarely() ? this.#value(1) : this.item()],
    ];
    if (this.#rarely()) members.push([pick(words, this.#dice), this.#value(1)]);
    return this.#object(this.#dice(3) > 0 ? members : this.#shuffled(members));
  }

  item(): string {
    const members: [string, string][] = [['metadata', this.#metadata()]];
    if (this.#dice(2) === 0) members.unshift(['apiVersion', '"v1"'], ['kind', '"Thing"']);
    if (this.#dice(2) === 0) members.push(['spec', this.#value(3)]);
    if (this.#dice(3) === 0) members.push([pick(words, this.#dice), this.#value(2)]);
    if (this.#rarely()) members.push(['metadata', this.#metadata()]);
    if (this.#rarely()) members.push([pick(['kind', 'metadata', 'apiVersion'], this.#dice), this.#value(1)]);
    return this.#object(this.#dice(2) === 0 ? members : this.#shuffled(members));
  }

  #metadata(): string {
    const members: [string, string][] = [['name', this.#text(this.#rarely() ? pick(texts, this.#dice) : 'web')]];
    if (this.#dice(2) === 0) members.push(['namespace', this.#text(pick(['default', 'é', ''], this.#dice))]);
    if (this.#dice(2) === 0) members.push(['uid', this.#text('u')], ['resourceVersion', '"12"']);
    if (this.#dice(3) === 0) members.push(['labels', this.#value(1)]);
    if (this.#dice(3) === 0) members.push(['managedFields', this.#value(2)]);
    if (this.#rarely()) members.push([pick(['name', 'uid', 'labels'], this.#dice), this.#value(1)]);
    return this.#object(this.#dice(2) === 0 ? members : this.#shuffled(members));
  }

  #value(depth: number): string {
    const dice = this.#dice;
    const kind = dice(depth > 0 ? 7 : 4);
    if (kind < 2) return this.#text(pick(texts, dice));
    if (kind === 2) return pick(numbers, dice);
    if (kind === 3) return pick(['true', 'false', 'null'], dice);
    const length = dice(4);
    if (kind === 4) return `[${Array.from({ length }, () => this.#value(depth - 1)).join(this.#comma())}]`;
    return this.#object(Array.from({ length }, () => [pick(words, dice), this.#value(depth - 1)]));
  }

  #object(members: readonly (readonly [string, string])[]): string {
    const written = members.map(([name, value]) => `${this.#text(name)}${this.#space()}:${this.#space()}${value}`);
    return `{${this.#space()}${written.join(this.#comma())}${this.#space()}}`;
  }

  #text(text: string): string {
    const plain = JSON.stringify(text);
    if (this.#escapes === 0 || this.#dice(this.#escapes) > 0) return plain;
    const all = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0'));
    return `"${all.map((code) => `\\u${code}`).join('')}"`;
  }

  #comma(): string {
    return `${this.#space()},${this.#space()}`;
  }

  #space(): string {
    return this.#spaces.length === 1 ? '' : pick(this.#spaces, this.#dice);
  }

  #rarely(): boolean {
    return this.#dice(12) === 0;
  }

  #shuffled<E>(elements: readonly E[]): E[] {
    const rest = [...elements];
    return elements.map(() => rest.splice(this.#dice(rest.length), 1)[0] as E);
  }
}
