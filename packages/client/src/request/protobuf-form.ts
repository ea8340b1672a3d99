import { type KindName, loadMessageType, ProtobufError, readEnvelope } from '@bowline/api/protobuf';
import { apiVersion } from '@bowline/apimachinery';
import { ProtobufEncoding } from '../split/protobuf-encoding.ts';
import { ProtobufFrameSplitter } from '../split/protobuf-frame-splitter.ts';
import { decodeKnown, UnknownFieldsError } from '../split/protobuf-item.ts';
import { ProtobufListSplitter } from '../split/protobuf-list-splitter.ts';
import type { SplitLimits } from '../split/read-item.ts';
import { SplitError } from '../split/split-error.ts';
import type { FrameSplitting, ListSplitting } from '../split/split-item.ts';

/** The protobuf form of one kind. Loaded, with the kind's table, when the first list or watch wants it. */
export class ProtobufForm {
  /** Whatever the type of its objects is called where they are used. */
  readonly #encoding: ProtobufEncoding<never>;
  /** What the tables lack was seen in an object: from now on the kind is asked for as JSON, so that nothing is lost. */
  sawUnknownFields = false;

  constructor(encoding: ProtobufEncoding<never>) {
    this.#encoding = encoding;
  }

  /** @throws what `isUnknownFields` knows, when an object has fields that the table lacks. */
  listSplitter<T>(limits: SplitLimits): ListSplitting<T> {
    return new ProtobufListSplitter<T>(limits, this.#encoding);
  }

  frameSplitter<T>(limits: SplitLimits): FrameSplitting<T> {
    return new ProtobufFrameSplitter<T>(limits, this.#encoding, () => {
      this.sawUnknownFields = true;
    });
  }

  isUnknownFields(error: unknown): boolean {
    this.sawUnknownFields ||= error instanceof UnknownFieldsError;
    return error instanceof UnknownFieldsError;
  }
}

/** Undefined for kinds that have no protobuf form: custom resources, and what is younger than the tables. */
export async function protobufForm(kind: KindName): Promise<ProtobufForm | undefined> {
  const message = await loadMessageType(kind);
  return message && new ProtobufForm(new ProtobufEncoding<never>(apiVersion(kind), kind.kind, message));
}

/** The JSON of a `Status` that came as protobuf; empty when it is none. */
export async function statusText(bytes: Buffer): Promise<string> {
  await loadMessageType({ group: 'meta.k8s.io', version: 'v1', kind: 'Status' });
  try {
    const { apiVersion: version, kind, from, to } = readEnvelope(bytes);
    const status = decodeKnown<object>('Status', bytes, from, to, from);
    return JSON.stringify({ apiVersion: version, kind, ...status });
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof SplitError) return '';
    throw error;
  }
}
