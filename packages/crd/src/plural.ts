/** The plural of a kind as it stands in URLs: `Deployment` → `deployments`, `Policy` → `policies`, `Ingress` → `ingresses`. */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(singular) ? `${singular}es` : `${singular}s`;
}
