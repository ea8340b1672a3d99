import type { Suite } from '../suite.ts';
import { access } from './access.ts';
import { batch } from './batch.ts';
import { config } from './config.ts';
import { network } from './network.ts';
import { pods } from './pods.ts';
import { workloads } from './workloads.ts';

/** By name of the file that holds the answers. */
export const suites: Readonly<Record<string, readonly Suite[]>> = { pods, workloads, config, network, batch, access };
