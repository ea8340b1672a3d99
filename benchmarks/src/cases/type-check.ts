import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { figure } from '../measure.ts';

// The compiler from start to end on a file that uses fifty built-in kinds and one deep custom resource, as a user's project sees
// them: by the declarations of the built packages.
const project = new URL('../../types/', import.meta.url).pathname;
const tsc = new URL('../../../node_modules/.bin/tsc', import.meta.url).pathname;
const { stdout } = await promisify(execFile)(tsc, ['-p', project, '--extendedDiagnostics']);

function diagnostic(name: string): number {
  const value = new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1];
  if (value === undefined) throw new Error(`Cannot read diagnostics: tsc said nothing of "${name}"`);
  return Number(value);
}

figure('type check of 50 kinds and a deep CRD', diagnostic('Total time') * 1000, 'ms');
figure('type check of 50 kinds and a deep CRD: instantiations', diagnostic('Instantiations'), '');
figure('type check of 50 kinds and a deep CRD: memory', diagnostic('Memory used') / 1024, 'MiB');
