import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findAssets } from './assets.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bowline-assets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (name: string, mode = 0o755): string => {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
};

test('findAssets takes the folder, then KUBEBUILDER_ASSETS, and lets TEST_ASSET_ variables win', () => {
  const etcd = program('etcd');
  const kubeApiserver = program('kube-apiserver');
  expect(findAssets(folder, {})).toEqual({ etcd, kubeApiserver, kubeControllerManager: undefined });
  expect(findAssets(undefined, { KUBEBUILDER_ASSETS: folder })).toMatchObject({ etcd });
  const other = program('my-etcd');
  expect(findAssets(folder, { TEST_ASSET_ETCD: other })).toMatchObject({ etcd: other, kubeApiserver });
});

test('findAssets names each path that is missing and the variable to set', () => {
  program('etcd', 0o644);
  expect(() => findAssets(folder, {})).toThrow(
    `Cannot start the real control plane: no executable at "${join(folder, 'etcd')}" and "${join(folder, 'kube-apiserver')}"; set KUBEBUILDER_ASSETS to the folder that holds etcd and kube-apiserver`,
  );
});
