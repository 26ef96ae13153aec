/** The PIN of the SIM (3GPP TS 27.007 8.3). Three wrong ones lock it, so one is entered once, and never the last try. */
import { AtError, type Channel, type Command, isRejection, plainCommand, quote } from '../../at';
import { QfwdError } from '../errors';

/** Waits, but not for a channel that is closed. */
export type Pause = (ms: number) => Promise<unknown>;

export interface PinOptions {
  /** Missing when there is none, or it must not be entered again. */
  readonly pin?: string | undefined;
}

/** +CME ERROR: SIM busy, for some seconds after the module has started. */
const SIM_BUSY = 14;
const BUSY_POLLS = 15;
const POLL = 1000;

/**
 * Enters the PIN if the SIM wants one.
 * @param onRefused it must not be entered again
 * @returns why the SIM is locked still, or nothing when it is not, or when there is none
 */
export async function unlockSim(
  channel: Channel,
  pause: Pause,
  { pin }: PinOptions,
  onRefused: () => void,
): Promise<QfwdError | undefined> {
  const state = await simState(channel, pause);
  if (state === undefined || state === 'READY') return undefined;
  if (state !== 'SIM PIN') return locked(`the SIM wants ${state}: unlock it in a phone`);
  if (pin === undefined) return locked('the SIM wants a PIN: set it, or another one, in the modem node');
  const tries = await triesLeft(channel);
  if (tries !== undefined && tries < 2) {
    return locked(
      'the PIN was wrong before, and the last try is not used up: enter it in a phone, or by AT+CPIN',
    );
  }
  const enter: Command = { text: `AT+CPIN=${quote(pin)}`, decode: () => undefined };
  try {
    await channel.execute(enter);
    return undefined;
  } catch (error) {
    const isLost = error instanceof AtError && error.failure === 'timeout';
    if (!isLost && !isRejection(error)) throw error;
    // An answer that was lost may have been OK, and the command may never have arrived.
    if (isLost && (await simState(channel, pause)) === 'READY') return undefined;
    if (isLost && tries !== undefined && (await triesLeft(channel)) === tries) {
      return locked('the SIM did not get the PIN, which is entered again when the modem is next connected');
    }
    onRefused();
    return locked(
      isLost
        ? 'the SIM did not answer to the PIN, which is not entered again, to be safe: ' +
            'if it is right, take it out of the modem node, deploy, and set it again'
        : 'the SIM refused the PIN, which is not entered again: set another one in the modem node',
    );
  }
}

/** `READY`, `SIM PIN`, `SIM PUK` …; `undefined` without a SIM. */
async function simState(channel: Channel, pause: Pause): Promise<string | undefined> {
  for (let polls = 1; ; polls++) {
    try {
      const [line] = await channel.execute(plainCommand('AT+CPIN?', ['+CPIN:']));
      return line?.replace(/^\+CPIN:\s*/, '');
    } catch (error) {
      if (!isRejection(error)) throw error;
      const isBusy = error.cme === SIM_BUSY;
      if (!isBusy || polls === BUSY_POLLS) return undefined;
      await pause(POLL);
    }
  }
}

/** Quectel's AT+QPINC, or 3GPP's AT+CPINR; `undefined` where there is neither. */
async function triesLeft(channel: Channel): Promise<number | undefined> {
  for (const [text, answer] of [
    ['AT+QPINC="SC"', '+QPINC:'],
    ['AT+CPINR="SIM PIN"', '+CPINR:'],
  ] as const) {
    try {
      const [line = ''] = await channel.execute(plainCommand(text, [answer]));
      const tries = /:[^,]*,\s*(\d+)/.exec(line)?.[1];
      if (tries !== undefined) return Number(tries);
    } catch (error) {
      if (!isRejection(error)) throw error;
    }
  }
  return undefined;
}

function locked(text: string): QfwdError {
  return new QfwdError('QFWD_REJECTED', text);
}
