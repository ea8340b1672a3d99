export { applyStrategicMergePatch } from './strategic.ts';
