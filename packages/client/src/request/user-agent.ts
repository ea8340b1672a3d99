import { arch, platform } from 'node:process';
import manifest from '../../package.json' with { type: 'json' };

/** What servers see of a client that was given no name. The part before the slash is the field manager of its writes. */
export const defaultUserAgent: string = `bowline/${manifest.version} (${platform}/${arch})`;
