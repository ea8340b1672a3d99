import { library } from '../../tsup.base.ts';

export default library([
  'src/index.ts',
  'src/testing.ts',
  'src/retry.ts',
  'src/events/index.ts',
  'src/client-node/index.ts',
]);
