import type { Suite } from '../suite.ts';
import { access } from './access.ts';
import { admission } from './admission.ts';
import { allocation } from './allocation.ts';
import { batch } from './batch.ts';
import { certificates } from './certificates.ts';
import { cluster } from './cluster.ts';
import { config } from './config.ts';
import { devices } from './devices.ts';
import { network } from './network.ts';
import { pods } from './pods.ts';
import { routing } from './routing.ts';
import { scaling } from './scaling.ts';
import { servers } from './servers.ts';
import { storage } from './storage.ts';
import { webhooks } from './webhooks.ts';
import { workloads } from './workloads.ts';

/** By name of the file that holds the answers. */
export const suites: Readonly<Record<string, readonly Suite[]>> = {
  pods,
  workloads,
  config,
  network,
  routing,
  batch,
  access,
  admission,
  allocation,
  certificates,
  scaling,
  cluster,
  devices,
  servers,
  storage,
  webhooks,
};
