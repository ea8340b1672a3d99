import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that the environment names. */
export interface EnvironmentProxy {
  readonly variable: string;
  readonly url: string;
}

/**
 * The proxy for a server, as Go chooses it: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, lower case when upper case is not set; none for
 * this machine, nor for what `NO_PROXY` lists: `*`, addresses, CIDR ranges, `example.com` with what is below it, `.example.com` for only
 * what is below, each but a range with or without a port.
 *
 * @see golang.org/x/net/http/httpproxy
 */
export function proxyFromEnvironment(server: URL, env: Environment): EnvironmentProxy | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  // Whoever calls a CGI program may set HTTP_PROXY by a header.
  const names = name === 'HTTP_PROXY' && env.REQUEST_METHOD ? ['http_proxy'] : [name, name.toLowerCase()];
  const variable = names.find((each) => env[each]);
  const url = variable === undefined ? undefined : env[variable];
  if (variable === undefined || url === undefined) return undefined;
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (isThisMachine(host) || isExempt(env.NO_PROXY || env.no_proxy || '', host, port)) return undefined;
  return { variable, url: /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}` };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isThisMachine(host: string): boolean {
  return host === 'localhost' || contains(loopback, host);
}

function isExempt(list: string, host: string, port: string): boolean {
  return list.split(',').some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const range = /^([^/]+)\/(\d{1,3})$/.exec(entry);
  if (range?.[1] && isIP(range[1])) return isWithin(range[1], Number(range[2]), host);
  // An IPv6 address stands in brackets where a port follows, and only there.
  const [, bracketed, plain, ofPort] = /^(?:\[(.*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? entry;
  if (ofPort && ofPort !== port) return false;
  if (isIP(name)) return isWithin(name, isIP(name) === 4 ? 32 : 128, host);
  const domain = name.startsWith('*.') ? name.slice(1) : name;
  if (domain === '') return false;
  const below = domain.startsWith('.');
  const ascii = asciiOf(below ? domain.slice(1) : domain);
  return host.endsWith(`.${ascii}`) || (!below && host === ascii);
}

function asciiOf(domain: string): string {
  return /^[\x20-\x7e]*$/.test(domain) ? domain : domainToASCII(domain) || domain;
}

function isWithin(network: string, prefix: number, host: string): boolean {
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  if (prefix > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  // No IPv6 range but the one of mapped addresses holds an IPv4 address.
  const isMapped = network.toLowerCase().startsWith('::ffff:') && prefix >= 96;
  return (isMapped || isIP(withoutMapping(host)) === isIP(network)) && contains(list, host);
}

function contains(list: BlockList, host: string): boolean {
  const address = withoutMapping(host);
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 address that is written as an IPv6 one, as URL writes it: `::ffff:a00:1`. */
function withoutMapping(host: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}
