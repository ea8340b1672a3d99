import type { GroupVersionKind, HttpResponse } from '@bowline/apimachinery';
import type { TypeFields } from '../split/json-encoding.ts';

/** What the codec calls `protobufMediaType`, without loading it. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** How the objects of a list or watch are asked for. */
export interface Wanted {
  /** What they are, as far as that is known. */
  readonly type: Partial<TypeFields>;
  /** What is accepted as JSON. */
  readonly json: string;
  /** What is accepted as protobuf, where the kind has such a form. */
  readonly protobuf?: { readonly kind: GroupVersionKind; readonly parameters: string } | undefined;
}

const metadata: GroupVersionKind = { group: 'meta.k8s.io', version: 'v1', kind: 'PartialObjectMetadata' };

/** Whole objects. */
export function wholeObjects(type: Partial<TypeFields>, kind?: GroupVersionKind): Wanted {
  return { type, json: 'application/json', protobuf: kind && { kind, parameters: '' } };
}

/**
 * Their metadata alone, with `form` `'List'` for lists. A server that does not know it answers with whole objects, which do as well.
 * @see client-go metadata/metadata.go
 */
export function metadataAlone(form: '' | 'List'): Wanted {
  const parameters = `;as=PartialObjectMetadata${form};g=meta.k8s.io;v=v1`;
  const json = `application/json${parameters},application/json`;
  return { type: {}, json, protobuf: { kind: metadata, parameters } };
}

/** The header of a request for them. The server chooses. */
export function acceptOf({ json, protobuf }: Wanted, isProtobufKnown: boolean): string {
  return isProtobufKnown && protobuf !== undefined ? `${PROTOBUF}${protobuf.parameters},${json}` : json;
}

/** Whether an answer is protobuf. */
export function isProtobuf({ headers }: HttpResponse): boolean {
  const type = [headers['content-type'] ?? []].flat()[0] ?? '';
  return type.split(';')[0]?.trim().toLowerCase() === PROTOBUF;
}
