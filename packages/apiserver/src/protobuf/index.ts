export { type DecodeProtobufOptions, decodeProtobuf, isProtobuf } from './decode.ts';
