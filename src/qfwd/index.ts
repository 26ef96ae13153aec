/**
 * Socket forwarding as in the manual: one descriptor for each command and URC, and the differences between firmwares.
 */
export { describeDialect, type Dialect } from './dialect';
export { type Facts, FACTS, isProfile } from './facts';
export { qfwdFamily } from './family';
