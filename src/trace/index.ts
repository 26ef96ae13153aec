/** Traces of AT ports: recording, and playing the module's side of one. */
export { type Turn, turnsIn, turnsOfPorts } from './dialogue';
export { parseTrace, type TraceEntry, traceLine } from './format';
export { traceOfLog } from './of-log';
export { TracePlayer } from './player';
export { readTrace } from './read-trace';
export { type Recording, recordInFile } from './record-in-file';
export { TraceRecorder } from './recorder';
export { softwareVersion } from './software';
