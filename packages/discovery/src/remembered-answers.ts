import type { DiscoveryCache, TaggedAnswer } from './ports.ts';
import type { AnswerMemory } from './read-server.ts';

/** Answers with entity tags, in memory and, where there is one, in a cache behind it. A cache that fails is as good as none. */
export class RememberedAnswers implements AnswerMemory {
  readonly #answers = new Map<string, TaggedAnswer>();
  readonly #cache: DiscoveryCache | undefined;
  readonly #failed: (error: unknown) => void;

  constructor(cache: DiscoveryCache | undefined, failed: (error: unknown) => void) {
    this.#cache = cache;
    this.#failed = failed;
  }

  async answer(path: string, accept: string): Promise<TaggedAnswer | undefined> {
    const known = this.#answers.get(`${accept} ${path}`);
    if (known) return known;
    try {
      return await this.#cache?.answer(path, accept);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async keepAnswer(path: string, accept: string, answer: TaggedAnswer): Promise<void> {
    this.#answers.set(`${accept} ${path}`, answer);
    try {
      await this.#cache?.keepAnswer(path, accept, answer);
    } catch (error) {
      this.#failed(error);
    }
  }
}
