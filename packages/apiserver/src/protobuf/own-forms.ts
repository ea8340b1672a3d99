import { formatSeconds } from '../schema/go-time.ts';
import { type GoScalar, nameOf } from '../schema/go-type.ts';
import { canonicalQuantity, QuantityError } from '../schema/quantity.ts';
import { DecodeError } from '../schema/read-json.ts';
import { WireReader, wireTypes } from './wire-reader.ts';

/** Seconds since the epoch of Go's time that was never set. */
const neverSeconds = -62_135_596_800;

/** Seconds and nanoseconds as a time; null for one that was never set. */
export function readTime(kind: 'time' | 'microTime', bytes: Buffer): string | null {
  if (bytes.length === 0) return null;
  let seconds = 0;
  let nanos = 0;
  const reader = new WireReader(bytes, 'Timestamp');
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect('Seconds', wireTypes.varint);
      seconds = reader.int64();
    } else if (reader.field === 2) {
      reader.expect('Nanos', wireTypes.varint);
      nanos = reader.int32();
    } else {
      reader.skip();
    }
  }
  const micros = kind === 'time' ? 0 : Math.trunc(nanos / 1000);
  const whole = seconds + Math.floor(micros / 1e6);
  const rest = micros - Math.floor(micros / 1e6) * 1e6;
  if (whole === neverSeconds && rest === 0) return null;
  const formatted = formatSeconds(whole, kind === 'time' ? undefined : rest);
  if (formatted === undefined) throw new DecodeError(`time is out of range: ${seconds} seconds since the epoch`);
  return formatted;
}

/** A quantity in its canonical form. */
export function readQuantity(bytes: Buffer): string {
  let quantity = '0';
  const reader = new WireReader(bytes, 'Quantity');
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    reader.expect('String_', wireTypes.bytes);
    try {
      quantity = canonicalQuantity(reader.string());
    } catch (error) {
      if (error instanceof QuantityError) throw new DecodeError(error.message, error);
      throw error;
    }
  }
  return quantity;
}

/** A number or a string, as the message says. */
export function readIntOrString(bytes: Buffer): number | string {
  let isString = false;
  let number = 0;
  let string = '';
  const reader = new WireReader(bytes, 'IntOrString');
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect('Type', wireTypes.varint);
      isString = reader.int64() !== 0;
    } else if (reader.field === 2) {
      reader.expect('IntVal', wireTypes.varint);
      number = reader.int32();
    } else if (reader.field === 3) {
      reader.expect('StrVal', wireTypes.bytes);
      string = reader.string();
    } else {
      reader.skip();
    }
  }
  return isString ? string : number;
}

/** JSON that travels as bytes. */
export function readRaw(type: GoScalar, bytes: Buffer): unknown {
  let raw: Buffer | undefined;
  const reader = new WireReader(bytes, nameOf(type.go));
  while (reader.next()) {
    if (reader.field === 1) {
      reader.expect('Raw', wireTypes.bytes);
      raw = reader.bytes();
    } else {
      reader.skip();
    }
  }
  if (raw === undefined || raw.length === 0) return null;
  try {
    return JSON.parse(new TextDecoder().decode(raw));
  } catch (error) {
    throw new DecodeError(`json: error calling MarshalJSON for type ${type.go}: ${String(error)}`, error);
  }
}
