import { compareBytes, isJsonObject } from '@bowline/apimachinery';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** @see k8s.io/apimachinery pkg/api/validation/objectmeta.go `TotalAnnotationSizeLimitB` */
const maxAnnotationBytes = 256 * 1024;

type ApiObject = Readonly<Record<string, unknown>>;

function part(object: ApiObject, name: string): ApiObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function annotationsOf(object: ApiObject): ApiObject {
  return part(part(object, 'metadata'), 'annotations');
}

/** Whether kubectl has noted on the object what it applied by itself. */
export function hasLastApplied(object: ApiObject): boolean {
  const value = annotationsOf(object)[annotation];
  return typeof value === 'string' && value !== '';
}

/** What kubectl noted; undefined when it noted nothing that can be read. */
export function lastAppliedOf(object: ApiObject): ApiObject | undefined {
  const value = annotationsOf(object)[annotation];
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The object with a note of what is applied now, or without one when it gets too large. */
export function withLastApplied(object: ApiObject, config: ApiObject): ApiObject {
  const { [annotation]: _, ...annotations } = annotationsOf(object);
  const noted = { ...annotations, [annotation]: encode(withoutNote(config)) };
  const metadata = {
    ...part(object, 'metadata'),
    annotations: sizeOf(noted) > maxAnnotationBytes ? annotations : noted,
  };
  return { ...object, metadata };
}

function withoutNote(config: ApiObject): ApiObject {
  const metadata = part(config, 'metadata');
  if (!isJsonObject(metadata.annotations)) return config;
  const { [annotation]: _, ...annotations } = metadata.annotations;
  return { ...config, metadata: { ...metadata, annotations } };
}

function sizeOf(annotations: ApiObject): number {
  let size = 0;
  for (const [key, value] of Object.entries(annotations))
    size += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  return size;
}

/** JSON as Go's encoder writes an object without type: sorted, escaped for HTML, and a line break. */
function encode(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    isJsonObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => compareBytes(a, b))) : member,
  );
  const escaped = text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${escaped}\n`;
}
