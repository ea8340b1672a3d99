import { API_VERSION, type ItemMarks, KIND } from './item-marks.ts';
import type { TypeFields } from './json-encoding.ts';

/** What objects must be. */
export class ExpectedType {
  readonly #expected: Partial<TypeFields>;
  readonly #apiVersion: Buffer | undefined;
  readonly #kind: Buffer | undefined;

  /** @param expected What is not given is not checked. */
  constructor(expected: Partial<TypeFields>) {
    this.#expected = expected;
    this.#apiVersion = expected.apiVersion === undefined ? undefined : Buffer.from(expected.apiVersion);
    this.#kind = expected.kind === undefined ? undefined : Buffer.from(expected.kind);
  }

  /** Says so when the object at `start` is of another type. */
  differs(marks: ItemMarks, bytes: Buffer, start: number, end: number): string | undefined {
    const isSame =
      (this.#apiVersion === undefined || marks.is(API_VERSION, this.#apiVersion, bytes, start, end)) &&
      (this.#kind === undefined || marks.is(KIND, this.#kind, bytes, start, end));
    if (isSame) return undefined;
    const { apiVersion, kind } = this.#expected;
    const actualVersion = marks.read(API_VERSION, bytes, start, end);
    const actualKind = marks.read(KIND, bytes, start, end);
    if ((apiVersion ?? actualVersion) === actualVersion && (kind ?? actualKind) === actualKind) return undefined;
    return `Expected ${[apiVersion, kind].filter(Boolean).join(' ')}, got ${actualVersion ?? 'no apiVersion'} ${actualKind ?? 'no kind'}`;
  }
}
