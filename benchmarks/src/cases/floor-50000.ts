import { measureFloor } from '../floor.ts';

await measureFloor(50_000);
