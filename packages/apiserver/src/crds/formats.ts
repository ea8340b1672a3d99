import type { CustomResourceDefinition, JSONSchemaProps } from '@bowline/api/apiextensions/v1';

/** The formats of strings that the server checks. @see k8s.io/apiextensions-apiserver pkg/apiserver/validation/formats.go */
const known = new Set(
  [
    'bsonobjectid,uri,email,hostname,ipv4,ipv6,cidr,mac,uuid,uuid3,uuid4,uuid5,isbn,isbn10,isbn13,creditcard,ssn',
    'hexcolor,rgbcolor,byte,password,date,duration,datetime,k8sshortname,k8slongname',
  ]
    .join(',')
    .split(','),
);

/** Formats in the schemas of a definition that nobody checks, those of the definition before excepted. */
export function newFormats(
  now: CustomResourceDefinition,
  before: CustomResourceDefinition | undefined,
): readonly string[] {
  const old = new Set(before === undefined ? [] : unknownFormats(before));
  return unknownFormats(now).filter((format) => !old.has(format));
}

function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  return (spec.versions ?? []).flatMap(({ schema }) => {
    const found: string[] = [];
    if (schema?.openAPIV3Schema !== undefined) collect(schema.openAPIV3Schema, found);
    return found;
  });
}

function collect(schema: JSONSchemaProps, found: string[]): void {
  const { format = '', type } = schema;
  if (format !== '' && type === 'string' && !known.has(format.replaceAll('-', ''))) found.push(format);
  for (const inner of children(schema)) collect(inner, found);
}

function children(schema: JSONSchemaProps): JSONSchemaProps[] {
  const { items, allOf = [], anyOf = [], oneOf = [], not, properties = {}, additionalProperties } = schema;
  return [items, ...allOf, ...anyOf, ...oneOf, not, ...Object.values(properties), additionalProperties].filter(
    (one): one is JSONSchemaProps => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
}
