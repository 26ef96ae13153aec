/** The manual: one descriptor for each command and URC, and what differs between firmwares. */
export * from './commands';
export { type Ask, detectDialect } from './detect';
export { describeDialect, type Dialect, SPELLINGS } from './dialect';
export { bytesTaken, type HexUnit, telling, unitAfter } from './hex-unit';
export { cut, type PayloadMode, type Proof, whole } from './payload';
export * from './probes';
export { type Fact, FACTS, type Facts, isProfile, type Profile } from './profile';
export { parseUrc, isPowerDown, isStart, isUnsolicited, type Urc } from './urc';
