import type { User } from '../call.ts';
import type { TokenUser } from '../options.ts';

/** Who makes requests where nobody is asked. */
const administrator: User = {
  name: 'system:admin',
  uid: '',
  groups: ['system:masters', 'system:authenticated'],
};

/** Finds out who makes a request; undefined when the request does not prove it. */
export type Authenticator = (headers: Readonly<Record<string, string>>) => User | undefined;

/** Users prove themselves with bearer tokens; without tokens everybody is an administrator. Impersonation is honoured, as an administrator's is. */
export function authenticator(tokens: ReadonlyMap<string, TokenUser> | undefined): Authenticator {
  return (headers) => {
    const user = tokens === undefined ? administrator : userOf(tokens, headers.authorization);
    const impersonated = headers['impersonate-user'];
    if (user === undefined || impersonated === undefined) return user;
    const groups = (headers['impersonate-group'] ?? '').split(',').map((group) => group.trim());
    return {
      name: impersonated,
      uid: headers['impersonate-uid'] ?? '',
      groups: [...groups.filter((group) => group !== ''), 'system:authenticated'],
    };
  };
}

function userOf(tokens: ReadonlyMap<string, TokenUser>, authorization = ''): User | undefined {
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const user = token === undefined ? undefined : tokens.get(token);
  if (user === undefined) return undefined;
  return { name: user.name, uid: user.uid ?? '', groups: [...(user.groups ?? []), 'system:authenticated'] };
}
