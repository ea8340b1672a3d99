import { isIP } from './ip.ts';

/** All but printable ASCII, the space and what is beyond ASCII. */
const controls = /[^ -~\u0080-\uffff]/;
const hostCharacters = /^[\w\-.~!$&'()*+,;=:[\]<>"\x80-\u{10ffff}%]*$/u;
const userInfoCharacters = /^[\w\-.:~!$&'()*+,;=%@]*$/;

/**
 * An absolute URI or an absolute path.
 *
 * @see Go `net/url.ParseRequestURI`
 */
export function isRequestURI(text: string): boolean {
  if (text === '' || controls.test(text)) return false;
  if (text === '*') return true;
  if (text.startsWith(':')) return false;
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1];
  const rest = (scheme === undefined ? text : text.slice(scheme.length + 1)).replace(/\?.*$/s, '');
  if (!rest.startsWith('/')) return scheme !== undefined;
  if (scheme === undefined || !rest.startsWith('//')) return isEscaped(rest);
  const [authority = ''] = rest.slice(2).split('/', 1);
  return isAuthority(authority) && isEscaped(rest.slice(2 + authority.length));
}

/** Whether every `%` is followed by two hexadecimal digits. */
function isEscaped(text: string): boolean {
  return !/%(?![\da-f]{2})/i.test(text);
}

function isAuthority(authority: string): boolean {
  const sign = authority.lastIndexOf('@');
  const user = sign < 0 ? '' : authority.slice(0, sign);
  return isHost(authority.slice(sign + 1)) && userInfoCharacters.test(user) && isEscaped(user);
}

function isHost(host: string): boolean {
  const open = host.lastIndexOf('[');
  if (open > 0) return false;
  if (open === 0) return isBracketed(host);
  return /:\d*$|^[^:]*$/.test(host) && isHostName(host);
}

/** `[fe80::1%25en0]:80` */
function isBracketed(host: string): boolean {
  const close = host.lastIndexOf(']');
  if (close < 0 || !isPort(host.slice(close + 1))) return false;
  const [address = '', zone] = splitOnce(host.slice(1, close), '%25');
  if (zone !== undefined && (zone === '' || !isEscaped(zone))) return false;
  return address.includes(':') && isIP(address, false);
}

function isPort(text: string): boolean {
  return text === '' || /^:\d*$/.test(text);
}

/** In a host only bytes beyond ASCII, and the percent sign itself, may be escaped. */
function isHostName(host: string): boolean {
  return hostCharacters.test(host) && isEscaped(host) && !/%(?!25)[0-7]/.test(host);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + separator.length)];
}
