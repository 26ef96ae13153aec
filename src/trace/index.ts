/** Traces of AT ports: recording, and playing the module's side of one. */
export { parseTrace, type TraceEntry, traceLine } from './format';
export { portsIn, TracePlayer } from './player';
export { headerLine, TraceRecorder } from './recorder';
export { softwareVersion } from './software';
export { TraceFile } from './trace-file';
