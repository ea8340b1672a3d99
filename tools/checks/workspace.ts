import { readdirSync, readFileSync } from 'node:fs';
import { root } from './report.ts';

/** A package.json, as far as the tools read it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A publishable package of the workspace. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All publishable packages, by folder name. */
export function workspacePackages(): WorkspacePackage[] {
  return readdirSync(`${root}packages`).map((name) => {
    const folder = `${root}packages/${name}`;
    return { folder, manifest: JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest };
  });
}
