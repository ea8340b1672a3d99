import { forbidden, invalid, required, tooLong } from '../field-error.ts';
import { byteLength } from '../go-format.ts';
import { dns1123SubdomainErrors } from '../meta/formats.ts';
import { type JsonObject, listAt, numberAt, type ServerObject, stringAt } from '../object.ts';
import { invalidInternal } from './internal-form.ts';
import type { Validator } from './registry.ts';
import { checkAccessModes } from './validate-claims.ts';
import { gather, has, objectAt, type Report, rangeMessage, same, says, textMapAt } from './validate-fields.ts';
import { checkMetadataAgain } from './validate-metadata.ts';
import { checkVolumeSource } from './validate-storage.ts';
import { checkDriverName } from './validate-volume-sources.ts';

const maxMetadataBytes = 256 * 1024;
const maxMessageBytes = 1024;
const maxInt32 = 2_147_483_647;
const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const elsewhere = 'may not be specified in the context of inline volumes';

/** A volume that stands in the attachment itself. @see k8s.io/kubernetes pkg/apis/core/validation `ValidatePersistentVolumeSpec` */
function checkInlineVolume(spec: JsonObject, path: string, report: Report): void {
  if (has(spec, 'claimRef')) report(forbidden(`${path}.claimRef`, elsewhere));
  if (Object.keys(textMapAt(spec, 'capacity')).length > 0) report(forbidden(`${path}.capacity`, elsewhere));
  if (!has(spec, 'csi')) report(required(`${path}.csi`, 'has to be specified in the context of inline volumes'));
  if (listAt(spec, 'accessModes').length === 0) report(required(`${path}.accessModes`));
  checkAccessModes(spec, path, report);
  const policy = stringAt(spec, 'persistentVolumeReclaimPolicy');
  if (policy !== '' && policy !== 'Retain') {
    const why = 'may only be Retain in the context of inline volumes';
    report(forbidden(`${path}.persistentVolumeReclaimPolicy`, why));
  }
  if (has(spec, 'nodeAffinity')) report(forbidden(`${path}.nodeAffinity`, elsewhere));
  checkVolumeSource(spec, path, '', report);
  if (stringAt(spec, 'storageClassName') !== '') report(forbidden(`${path}.storageClassName`, elsewhere));
  if (has(spec, 'volumeMode') && stringAt(spec, 'volumeMode') !== 'Filesystem') {
    const why = 'may not specify volumeMode other than Filesystem in the context of inline volumes';
    report(forbidden(`${path}.volumeMode`, why));
  }
}

function checkSpec(spec: JsonObject, report: Report): void {
  if (stringAt(spec, 'attacher') === '') report(required('spec.attacher'));
  const source = objectAt(spec, 'source') ?? {};
  const [inline, name] = [objectAt(source, 'inlineVolumeSpec'), source.persistentVolumeName];
  if (inline === undefined && typeof name !== 'string') report(required('spec.source', exactlyOne));
  else if (inline !== undefined && typeof name === 'string') report(forbidden('spec.source', exactlyOne));
  else if (name === '') {
    report(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  } else if (inline !== undefined) checkInlineVolume(inline, 'spec.source.inlineVolumeSpec', report);
  const node = stringAt(spec, 'nodeName');
  says(dns1123SubdomainErrors(node), 'spec.nodeName', node, report);
}

function checkStatus({ status }: ServerObject, report: Report): void {
  const metadata = Object.entries(textMapAt(status, 'attachmentMetadata'));
  const size = metadata.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (size > maxMetadataBytes) report(tooLong('status.attachmentMetadata', maxMetadataBytes));
  for (const name of ['attachError', 'detachError']) {
    const error = objectAt(status, name);
    // The real server says the limit of the metadata.
    if (byteLength(stringAt(error, 'message')) > maxMessageBytes) {
      report(tooLong(`status.${name}.message`, maxMetadataBytes));
    }
    const code = numberAt(error, 'errorCode') ?? 0;
    if (code < 0) report(invalid(`status.${name}.errorCode`, code, rangeMessage(0, maxInt32)));
  }
}

/** @see k8s.io/kubernetes pkg/apis/storage/validation `ValidateVolumeAttachment` */
export const validateVolumeAttachment: Validator = (attachment, old) =>
  gather((report) => {
    checkMetadataAgain(attachment, report, undefined, false);
    const spec = objectAt(attachment, 'spec') ?? {};
    checkSpec(spec, report);
    checkStatus(attachment, report);
    if (old === undefined) {
      checkDriverName(stringAt(spec, 'attacher'), 'spec.attacher', report);
      const name = objectAt(spec, 'source')?.persistentVolumeName;
      if (typeof name === 'string')
        says(dns1123SubdomainErrors(name), 'spec.source.persistentVolumeName', name, report);
    } else if (!same(spec, old.spec)) {
      report(invalidInternal('spec', 'storage.VolumeAttachmentSpec', spec, 'field is immutable'));
    }
  });
