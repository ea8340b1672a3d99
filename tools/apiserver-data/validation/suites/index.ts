import type { Suite } from '../suite.ts';
import { pods } from './pods.ts';

/** By name of the file that holds the answers. */
export const suites: Readonly<Record<string, readonly Suite[]>> = { pods };
