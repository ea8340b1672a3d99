export { builtinKinds } from './builtin-kinds.generated.ts';
