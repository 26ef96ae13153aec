/** Socket forwarding as the manual has it: one descriptor for each command and URC, and what differs between firmwares. */
export { describeDialect, type Dialect } from './dialect';
export { type Facts, FACTS, isProfile } from './facts';
export { qfwdFamily } from './family';
