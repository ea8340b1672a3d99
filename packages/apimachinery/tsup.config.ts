import { library } from '../../tsup.base.ts';

export default library(['src/index.ts', 'src/arguments.ts', 'src/testing.ts', 'src/wasm.ts']);
