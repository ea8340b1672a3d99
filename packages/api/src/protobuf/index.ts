export { type CheckOptions, checkMessage } from './check.ts';
export { copyWithout } from './copy-without.ts';
export { decodeMessage } from './decode.ts';
export { encodeMessage } from './encode.ts';
export { type Envelope, protobufMediaType, readEnvelope } from './envelope.ts';
export { lazyMessage, type TypeMeta } from './lazy-message.ts';
export {
  type Field,
  type KindName,
  loadMessageType,
  MessageType,
  messageType,
  type ValueType,
} from './message-type.ts';
export { isOrdered } from './ordered.ts';
export { type NamePlaces, quickCheck } from './quick-check.ts';
export { readPath } from './read-path.ts';
export { ProtobufError } from './wire.ts';
