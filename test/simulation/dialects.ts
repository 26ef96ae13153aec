/** What modules may be like: for each option of the simulator, the values that a seed may draw. Each has dice of its own. */
import type { SimulatorOptions } from '../../src/simulator';
import { Dice } from './dice';

type Choices = { readonly [Name in keyof SimulatorOptions]?: readonly SimulatorOptions[Name][] };

const COMMON: Choices = {
  answerDelay: [0, 0, 2, 20],
  commandUrcs: ['sent', 'sent', 'held'],
  joined: ['executed', 'executed', 'executed', 'refused', 'first', 'each', 'ignored'],
  mostJoined: [0, 0, 3],
  prompt: ['\r\n> ', '\r\n>', '\r\n>\r\n'],
  sendBuffer: [16_384, 2048],
  recvBuffer: [16_384, 2048],
  cmee: [0, 1, 2],
  bootDelay: [0, 5000],
  apDelay: [0, 0, 15_000],
  simDelay: [0, 0, 8000],
  pin: ['', '', '1234'],
};

const OF_FAMILY = {
  qfwd: {
    names: ['manual', 'headings', 'server'],
    args: ['manual', 'manual', 'example'],
    openOrder: ['ok-first', 'urc-first'],
    openResult: ['errno', 'quectel'],
    acceptedIds: ['smallest', 'counting'],
    listOpening: [true, false],
    halfClose: [0, 1000],
    hexUnits: ['bytes', 'chars'],
    hexActual: ['bytes', 'chars'],
    hexLimit: ['bytes', 'chars'],
    fixedLength: ['transparent', 'ends-at-ctrl-z'],
    partial: [0, 0, 100],
    recvHeader: ['QFWDRECV', 'QFWDPRECV'],
    emptyRead: ['zero', 'error'],
    readUrc: ['latched', 'repeated', 'length'],
    udpServer: ['per-peer', 'per-peer', 'shared'],
  },
  tcpip: {
    activateTwice: ['error', 'ok'],
    activateDelay: [0, 0, 3000],
    withoutContext: ['561', 'activates'],
    contextLoss: ['told', 'silent'],
    lostContext: ['gone', 'listed'],
    openDelay: [0, 0, 1000],
    openRefused: ['urc', 'error'],
    incomingIds: ['downward', 'lowest'],
    failedOpen: ['frees', 'keeps'],
    fixedLength: ['transparent', 'cancels-at-esc'],
    sendEcho: ['on', 'off', 'with-echo'],
    sendCancelled: ['OK', 'ERROR', 'SEND FAIL'],
    sendTimedOut: ['ERROR', 'SEND FAIL', 'none'],
    sendexLimit: ['bytes', 'chars'],
    udpAcked: ['none', 'all'],
    readEnd: ['line', 'none'],
    readAddress: ['quoted', 'unquoted', 'missing'],
    serviceRead: ['header', 'bare'],
    recvInRead: [false, true],
    recvLatch: ['at-last-byte', 'at-empty-read'],
    datagramRest: ['kept', 'lost'],
    promptUrcs: ['held', 'lost'],
    closeUnknown: ['ok', 'error'],
    closeListener: ['leaves', 'takes', 'refused'],
    closeDelay: [0, 0, 3000],
    state: ['true', 'client-3', 'listener-4', 'incoming-4'],
    stateLocalPort: ['real', 'configured', 'zero'],
    stateServer: ['own', 'zero'],
    tcpipErrors: ['bare', 'cme'],
    urcFollows: ['setting', 'opener'],
  },
} satisfies Record<string, Choices>;

/** The commands for sockets that a module knows. */
export type Family = keyof typeof OF_FAMILY;
export const FAMILY_NAMES = Object.keys(OF_FAMILY) as Family[];

export function drawDialect(seed: number, family: Family): Partial<SimulatorOptions> {
  const choices: Choices = { ...COMMON, ...OF_FAMILY[family] };
  const drawn = Object.entries(choices).map(([name, values]: [string, readonly unknown[]]) => [
    name,
    Dice.of(seed, name).pick(values),
  ]);
  return { family, ...(Object.fromEntries(drawn) as Partial<SimulatorOptions>) };
}
