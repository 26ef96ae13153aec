/** The AT language of any module: V.250 and 3GPP TS 27.007, without sockets. */
export { type Ask, asking, askTwice } from './ask';
export { type Change, setting } from './change';
export { Channel, type ChannelOptions } from './channel';
export { type Clock, systemClock, within } from './clock';
export { type Answer, type Command, plainCommand, testCommand } from './command';
export { Deadline } from './deadline';
export { AtError, type AtFailure, isRejection } from './errors';
export type { Turn } from './job';
export { MOST_PER_LINE } from './joining';
export type { LineMonitor } from './monitor';
export { integer, InvalidParameter, parseParameters, quote } from './parameters';
export { PORT_CHANGES, PORT_SETTINGS } from './port-settings';
export { type CmeError, parseResult, type Result } from './result';
export { Scanner, type Token } from './scanner';
export { type Marks, masked, shown } from './secrets';
export { Timers } from './timers';
export type { Link, LinkEvents, Transport } from './transport';
