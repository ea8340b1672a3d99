import type { CustomResourceConversion, WebhookClientConfig } from '@bowline/api/apiextensions/v1';
import { at, child, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { dnsLetterLabelProblems, dnsSubdomainProblems } from '../names.ts';

const strategies = ['None', 'Webhook'];
const reviewVersions = ['v1', 'v1beta1'];
const form = '; desired format: https://host[/path]';

/** What an update may keep. */
export interface ConversionTolerance {
  /** No version of the review that the server knows need be listed. */
  readonly unknownReviewVersions: boolean;
  /** The certificates need not be readable. */
  readonly unreadableCertificates: boolean;
}

/** What is wrong with the conversion between versions. @see `validateCustomResourceConversion` */
export function conversionErrors(
  conversion: CustomResourceConversion,
  path: string,
  tolerate: ConversionTolerance,
): FieldError[] {
  const { strategy = '', webhook } = conversion;
  const place = child(path, 'strategy');
  const errors: FieldError[] = [];
  if (strategy === '') errors.push(required(place));
  else if (!strategies.includes(strategy)) errors.push(notSupported(place, strategy, strategies));
  const config = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  const configPlace = child(path, 'webhookClientConfig');
  const versionsPlace = child(path, 'conversionReviewVersions');
  if (strategy !== 'Webhook') {
    const rule = 'should not be set when strategy is not set to Webhook';
    if (config) errors.push(forbidden(configPlace, rule));
    if (versions.length > 0) errors.push(forbidden(versionsPlace, rule));
    return errors;
  }
  if (!config) errors.push(required(configPlace, 'required when strategy is set to Webhook'));
  else errors.push(...clientErrors(config, configPlace, tolerate));
  return [...errors, ...versionErrors(versions, versionsPlace, tolerate)];
}

function clientErrors(config: WebhookClientConfig, path: string, tolerate: ConversionTolerance): FieldError[] {
  const { url, service, caBundle } = config;
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined)) {
    errors.push(required(path, 'exactly one of url or service is required'));
  } else if (url !== undefined) errors.push(...urlErrors(url, child(path, 'url')));
  else if (service) {
    // The server mixes up name and namespace of the service in these two messages.
    const place = child(path, 'service');
    if (!service.namespace) errors.push(required(child(place, 'name')));
    if (!service.name) errors.push(required(child(place, 'namespace')));
    const { port = 443 } = service;
    if (!(port >= 1 && port <= 65535)) {
      const rule = 'port is not valid: must be between 1 and 65535, inclusive';
      errors.push(invalid(child(place, 'port'), port, rule));
    }
    errors.push(...servicePathErrors(service.path ?? '', child(place, 'path')));
  }
  if (caBundle && !tolerate.unreadableCertificates && !isCertificateBundle(caBundle)) {
    const rule = 'unable to load root certificates: unable to parse bytes as PEM block';
    errors.push(invalid(child(path, 'caBundle'), caBundle, rule));
  }
  return errors;
}

/** @see k8s.io/apiserver util/webhook `ValidateWebhookURL` */
function urlErrors(text: string, path: string): FieldError[] {
  const match = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(
    text,
  );
  if (match === null || /[^ -~\u0080-\uffff]/.test(text) || text.startsWith(':')) {
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: ${parseProblem(text)}${form}`)];
  }
  const [, scheme = '', user, host = '', query = '', fragment = ''] = match;
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== 'https') {
    errors.push(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`));
  }
  if (host === '') errors.push(invalid(path, '', `host must be specified${form}`));
  if (user !== undefined) errors.push(invalid(path, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function parseProblem(text: string): string {
  return text.startsWith(':') ? 'missing protocol scheme' : 'net/url: invalid control character in URL';
}

/** @see k8s.io/apiserver util/webhook `ValidateWebhookService` */
function servicePathErrors(text: string, path: string): FieldError[] {
  if (text === '' || text === '/') return [];
  if (text === '//') return [invalid(path, text, 'segment[0] may not be empty')];
  const errors = text.startsWith('/') ? [] : [invalid(path, text, "must start with a '/'")];
  const segments = text.slice(1).replace(/\/$/, '').split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '') errors.push(invalid(path, text, `segment[${index}] may not be empty`));
    else {
      errors.push(
        ...dnsSubdomainProblems(segment).map((problem) => invalid(path, text, `segment[${index}]: ${problem}`)),
      );
    }
  }
  return errors;
}

function versionErrors(versions: readonly string[], path: string, tolerate: ConversionTolerance): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [invalid(at(path, index), version, 'duplicate version')];
    return dnsLetterLabelProblems(version).map((problem) => invalid(at(path, index), version, problem));
  });
  if (!tolerate.unknownReviewVersions && !knowsReviewVersion(versions)) {
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
  return errors;
}

/** Whether a version of the review is listed that the server can send. */
export function knowsReviewVersion(versions: readonly string[]): boolean {
  return versions.some((version) => reviewVersions.includes(version));
}

/** Whether base64 text holds at least one certificate in PEM. */
export function isCertificateBundle(caBundle: string): boolean {
  const text = Buffer.from(caBundle, 'base64').toString('latin1');
  return /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/.test(text);
}
