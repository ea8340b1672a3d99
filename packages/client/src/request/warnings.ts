import type { HttpResponse } from '@bowline/apimachinery';

/** What a server wants its users to know: a deprecated version, an unknown field. */
export interface ApiWarning {
  readonly text: string;
  /** Who warns; `-` for the API server. */
  readonly agent: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

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
