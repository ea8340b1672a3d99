import { isIP, type Socket } from 'node:net';
import type { ProxyServer } from './proxy-server.ts';
import { SocketReader } from './socket-reader.ts';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const NAME_AND_PASSWORD = 2;
const CONNECT = 1;
const [IPV4, NAME, IPV6] = [1, 3, 4];

/** RFC 1928 §6 */
const refusals: readonly string[] = [
  'it gave no reason',
  'it failed',
  'its rules do not allow this connection',
  'it has no route to the network',
  'it has no route to the host',
  'the connection to the host was refused',
  'the host did not answer in time',
  'it does not support CONNECT',
  'it does not support this kind of address',
];

/**
 * Has a SOCKS5 proxy connect an open socket with a host. Names are sent as they are: it is the proxy that resolves them.
 *
 * @throws when it refuses, with what is wrong as the message.
 * @see RFC 1928, RFC 1929
 */
export async function socks5Connect(socket: Socket, proxy: ProxyServer, host: string, port: number): Promise<void> {
  const reader = new SocketReader(socket);
  const { username, password = '' } = proxy;
  const methods = username === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, NAME_AND_PASSWORD];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await reader.take(2);
  if (version !== VERSION) throw new Error('it does not speak SOCKS5');
  if (method === NAME_AND_PASSWORD && username !== undefined) await authenticate(socket, reader, username, password);
  else if (method !== NO_AUTHENTICATION)
    throw new Error(`it wants ${username ? 'another way to log in' : credentials}`);
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  socket.write(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), address(host), portBytes]));
  const [, reply = 0, , kind] = await reader.take(4);
  if (reply !== 0) throw new Error(refusals[reply] ?? `it answered ${reply}`);
  const boundBytes = kind === NAME ? ((await reader.take(1))[0] ?? 0) : kind === IPV6 ? 16 : 4;
  await reader.take(boundBytes + 2);
  reader.release();
}

const credentials = 'a user name and a password';

async function authenticate(socket: Socket, reader: SocketReader, username: string, password: string): Promise<void> {
  socket.write(Buffer.concat([Buffer.from([1]), counted(username), counted(password)]));
  const [, status] = await reader.take(2);
  if (status !== 0) throw new Error(`it does not accept this user name and password`);
}

function address(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from([IPV4, ...host.split('.').map(Number)]);
  if (isIP(host) === 6) return Buffer.from([IPV6, ...ipv6Bytes(host)]);
  return Buffer.concat([Buffer.from([NAME]), counted(host)]);
}

function ipv6Bytes(host: string): number[] {
  // URL writes any address as groups of hexadecimal digits, with at most one `::`.
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  const before = groups(head);
  if (tail === undefined) return before;
  const after = groups(tail);
  return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** @throws when the text is longer than one byte can count. */
function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new Error('a name or password is longer than 255 bytes');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
