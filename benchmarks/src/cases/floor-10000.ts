import { measureFloor } from '../floor.ts';

await measureFloor(10_000);
