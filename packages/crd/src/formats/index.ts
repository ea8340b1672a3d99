import { byteLength } from '../go-text.ts';
import { isEmail } from './email.ts';
import { isCIDR, isIPv4, isIPv6, isMAC } from './ip.ts';
import { isCreditCard, isISBN, isISBN10, isISBN13, isSSN } from './numbers.ts';
import { isDate, isDateTime, isDuration } from './time.ts';
import { isRequestURI } from './uri.ts';

const hostName =
  /^(?:[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|(?:[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u;
const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const colour = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const rgbColour = new RegExp(
  `^rgb\\([\\t\\n\\f\\r ]*${colour}[\\t\\n\\f\\r ]*(,[\\t\\n\\f\\r ]*${colour}[\\t\\n\\f\\r ]*){2}\\)$`,
);
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const uuid = (version: string, variant: string): RegExp =>
  new RegExp(`^[\\da-f]{8}-?[\\da-f]{4}-?${version}-?${variant}-?[\\da-f]{12}$`, 'i');

/** The formats that the server checks, under their names without dashes; all others are passed over. */
const checks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', matches(/^[\da-f]{24}$/i)],
  ['uri', isRequestURI],
  ['email', isEmail],
  ['hostname', isHostName],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCIDR],
  ['mac', isMAC],
  ['uuid', matches(uuid('[\\da-f]{4}', '[\\da-f]{4}'))],
  ['uuid3', matches(uuid('3[\\da-f]{3}', '[\\da-f]{4}'))],
  ['uuid4', matches(uuid('4[\\da-f]{3}', '[89ab][\\da-f]{3}'))],
  ['uuid5', matches(uuid('5[\\da-f]{3}', '[89ab][\\da-f]{3}'))],
  ['isbn', isISBN],
  ['isbn10', isISBN10],
  ['isbn13', isISBN13],
  ['creditcard', isCreditCard],
  ['ssn', isSSN],
  ['hexcolor', matches(/^#?(?:[\da-f]{3}|[\da-f]{6})$/i)],
  ['rgbcolor', matches(rgbColour)],
  ['byte', matches(base64)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && shortName.test(text)],
  ['k8slongname', (text) => text.length <= 253 && longName.test(text)],
]);

/**
 * The check of a format, or `undefined` when the server passes it over.
 *
 * @see apiextensions-apiserver apiserver/validation/formats.go, for which names count; dashes do not
 */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  return checks.get(format.replaceAll('-', ''));
}

function isHostName(text: string): boolean {
  return byteLength(text) <= 255 && hostName.test(text) && text.split('.').every((part) => byteLength(part) <= 63);
}

function matches(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text);
}
