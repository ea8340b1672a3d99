import { RE2JS } from 're2js';

/** A compiled `pattern`. */
export interface Pattern {
  /** Whether some part of the text matches. */
  matches(text: string): boolean;
}

/**
 * Compiles a pattern as the server does: RE2, which knows no look-around and no back references, and never takes exponential time.
 *
 * @throws {Error} with the server's words when it is no RE2 pattern.
 */
export function compilePattern(source: string): Pattern {
  const compiled = compile(source);
  return { matches: (text) => compiled.matcher(text).find() };
}

/** What is wrong with a pattern, in the server's words; `undefined` when it compiles. */
export function patternProblem(source: string): string | undefined {
  try {
    compile(source);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message;
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    // Go lets two groups share a name; nothing here asks for groups by name.
    if (error instanceof Error && error.message.includes('duplicate capture group name')) {
      return RE2JS.compile(withoutGroupNames(source));
    }
    throw error;
  }
}

/** Escaped characters, quotations and character classes are passed over; a named group becomes a plain one. */
function withoutGroupNames(source: string): string {
  const pattern = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?P?<\w+>/gs;
  return source.replaceAll(pattern, (token) => (token.startsWith('(?') ? '(' : token));
}
