import type { HttpResponse, Logger } from '@bowline/apimachinery';

/** What a server wants its users to know: a deprecated version, an unknown field. */
export interface ApiWarning {
  readonly text: string;
  /** Who warns; `-` for the API server. */
  readonly agent: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** So many texts are remembered as known. */
const MAX_KNOWN = 1_000;

/** RFC 7234 §5.5: code, agent, quoted text, sometimes a quoted date. */
const warning = /(\d{3})\s+(\S+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"[^"]*")?\s*(?:,|$)/g;

/** The warnings (code 299) of an answer. */
export function warningsOf(headers: HttpResponse['headers']): { readonly text: string; readonly agent: string }[] {
  const values = [headers.warning ?? []].flat();
  return values.flatMap((value) =>
    [...value.matchAll(warning)]
      .filter(([, code]) => code === '299')
      .map(([, , agent = '-', text = '']) => ({ agent, text: text.replace(/\\(.)/g, '$1') })),
  );
}

/** Passes on each text once: what is wrong with one object of a kind is wrong with a thousand. */
export class Warnings {
  readonly #logger: Logger;
  readonly #onWarning: ((warning: ApiWarning) => void) | undefined;
  readonly #known: Set<string> = new Set();

  constructor(logger: Logger, onWarning: ((warning: ApiWarning) => void) | undefined) {
    this.#logger = logger;
    this.#onWarning = onWarning;
  }

  /** Never throws: what a hook throws goes to the log. */
  pass(headers: HttpResponse['headers'], request: Pick<ApiWarning, 'method' | 'path'>): void {
    if (headers.warning === undefined) return;
    const { method, path } = request;
    for (const { text, agent } of warningsOf(headers)) {
      if (this.#known.has(text)) continue;
      for (const oldest of this.#known) {
        if (this.#known.size < MAX_KNOWN) break;
        this.#known.delete(oldest);
      }
      this.#known.add(text);
      if (!this.#onWarning) this.#logger.warn({ method, path, agent }, text);
      else {
        try {
          this.#onWarning({ text, agent, method, path });
        } catch (error) {
          this.#logger.error({ error, method, path }, 'onWarning threw an error');
        }
      }
    }
  }
}
