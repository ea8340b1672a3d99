import { encodeMessage, loadMessageType, type MessageType } from '@bowline/api/protobuf';
import { podJson } from './pods.ts';

/** What is said of a list. */
export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Pods in the form in which they travel, encoded beforehand. */
export interface PodForm {
  readonly listType: string;
  readonly watchType: string;
  /** The pieces of a list of the pods `from` to `to` (exclusive). */
  list(metadata: ListMetadata, from: number, to: number): Iterable<Buffer>;
  added(index: number): Buffer;
  /** An event after which the pod has another version; the last one of a burst has the label bench=done. */
  modified(index: number, resourceVersion: number, isLast: boolean): Buffer;
  /** Says that the initial events are over. */
  initialEventsEnd(resourceVersion: string): Buffer;
}

export class JsonForm implements PodForm {
  readonly listType: string = 'application/json';
  readonly watchType: string = 'application/json';
  readonly #pods: readonly Buffer[];

  constructor(count: number) {
    this.#pods = Array.from({ length: count }, (_, index) => Buffer.from(podJson(index)));
  }

  *list(metadata: ListMetadata, from: number, to: number): Iterable<Buffer> {
    yield Buffer.from(`{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`);
    for (let index = from; index < to; index++) {
      if (index > from) yield comma;
      yield this.#pods[index] as Buffer;
    }
    yield Buffer.from(']}\n');
  }

  added(index: number): Buffer {
    return Buffer.concat([jsonEvent('ADDED'), (this.#pods[index] as Buffer).subarray(1), jsonEnd]);
  }

  modified(index: number, resourceVersion: number, isLast: boolean): Buffer {
    const event = Buffer.concat([jsonEvent('MODIFIED'), (this.#pods[index] as Buffer).subarray(1), jsonEnd]);
    event.write(String(resourceVersion), event.indexOf('"resourceVersion":"') + 19, 'latin1');
    if (isLast) event.write('done', event.indexOf('"bench":"') + 9, 'latin1');
    return event;
  }

  initialEventsEnd(resourceVersion: string): Buffer {
    const metadata = { resourceVersion, creationTimestamp: null, annotations: { [endAnnotation]: 'true' } };
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers: null }, status: {} };
    return Buffer.from(`{"type":"BOOKMARK","object":${JSON.stringify(pod)}}\n`);
  }
}

const endAnnotation = 'k8s.io/initial-events-end';
const comma = Buffer.from(',');
const jsonEnd = Buffer.from('}\n');
const jsonEvent = (type: string): Buffer => Buffer.from(`{"type":"${type}","object":{"kind":"Pod","apiVersion":"v1",`);

export class ProtobufForm implements PodForm {
  readonly listType: string = 'application/vnd.kubernetes.protobuf';
  readonly watchType: string = 'application/vnd.kubernetes.protobuf;stream=watch';
  readonly #listMeta: MessageType;
  readonly #pod: MessageType;
  readonly #pods: readonly Buffer[];

  private constructor(listMeta: MessageType, pod: MessageType, count: number) {
    this.#listMeta = listMeta;
    this.#pod = pod;
    this.#pods = Array.from({ length: count }, (_, index) => encodeMessage(pod, JSON.parse(podJson(index))));
  }

  static async of(count: number): Promise<ProtobufForm> {
    const pod = await loadMessageType({ group: '', version: 'v1', kind: 'Pod' });
    const listMeta = await loadMessageType({ group: 'meta.k8s.io', version: 'v1', kind: 'ListMeta' });
    if (pod === undefined || listMeta === undefined) throw new Error('Pods have no table');
    return new ProtobufForm(listMeta, pod, count);
  }

  *list(metadata: ListMetadata, from: number, to: number): Iterable<Buffer> {
    const head = field(1, encodeMessage(this.#listMeta, { ...metadata }));
    let bytes = head.length;
    for (let index = from; index < to; index++) bytes += fieldBytes(this.#pods[index] as Buffer);
    yield Buffer.concat([envelopeHead('PodList'), Buffer.from([0x12]), varint(bytes), head]);
    for (let index = from; index < to; index++) {
      const pod = this.#pods[index] as Buffer;
      yield Buffer.concat([Buffer.from([0x12]), varint(pod.length)]);
      yield pod;
    }
  }

  added(index: number): Buffer {
    return frame('ADDED', this.#pods[index] as Buffer);
  }

  modified(index: number, resourceVersion: number, isLast: boolean): Buffer {
    const pod = Buffer.from(this.#pods[index] as Buffer);
    pod.write(String(resourceVersion), pod.indexOf('\u0032\u000a', 0, 'latin1') + 2, 'latin1');
    if (isLast) pod.write('done', pod.indexOf('bench') + 7, 'latin1');
    return frame('MODIFIED', pod);
  }

  initialEventsEnd(resourceVersion: string): Buffer {
    const metadata = { resourceVersion, annotations: { [endAnnotation]: 'true' } };
    return frame('BOOKMARK', encodeMessage(this.#pod, { metadata }));
  }
}

function frame(type: string, pod: Buffer): Buffer {
  const object = Buffer.concat([envelopeHead('Pod'), field(2, pod)]);
  const event = Buffer.concat([field(1, Buffer.from(type)), field(2, field(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

function envelopeHead(kind: string): Buffer {
  const type = Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from(kind))]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type)]);
}

function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(value.length), value]);
}

function fieldBytes(value: Buffer): number {
  return 1 + varint(value.length).length + value.length;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
