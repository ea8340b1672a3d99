import { comparePeers } from './peers/src/run.ts';
import { Refusal } from './src/flags.ts';
import { runCases } from './src/run-cases.ts';

// `npm run bench -- --help` says how it is used.
const args = process.argv.slice(2);
try {
  if (args[0] === 'peers') await comparePeers(args.slice(1));
  else await runCases(args);
  process.exit();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
