/**
 * Settings of the module that change the form of responses and URCs, or the life of a socket. They may be somebody
 * else's, so they are read and set before any socket is used.
 */
import { type Ask, type Change, plainCommand, setting } from '../at';

/** Parameters of AT+QICFG. Firmware that lacks one behaves as if it had this value. */
const VALUES = [
  // CR LF before data, not a comma.
  ['viewmode', '0'],
  // Data as bytes, not as hexadecimal digits.
  ['dataformat', '0,0'],
  // One datagram in each read.
  ['udp/readmode', '0'],
  // SEND OK, at once, as a result code.
  ['sendinfo', '0'],
  ['TCP/SendMode', '0'],
  ['recvind', '0'],
  // A socket that its peer has closed keeps its id and its data until AT+QICLOSE, which has no URC.
  ['passiveclosed', '0'],
  ['close/mode', '0'],
  // Connections are accepted without AT+QIACCEPT.
  ['tcp/accept', '1'],
] as const;

/** What {@link applySettings} changes. */
export const SETTING_CHANGES: readonly Change[] = [
  setting('AT+QISDE?'),
  ...VALUES.map(([key]) => setting(`AT+QICFG="${key}"`)),
];

/** Does not send payload back. Rejects with an `AtError`, as all of these. */
export async function applySettings(ask: Ask): Promise<void> {
  await ask(plainCommand('AT+QISDE=0'));
  for (const [key, wanted] of VALUES) {
    if ((await valueOf(ask, key)) !== wanted) await ask(plainCommand(`AT+QICFG="${key}",${wanted}`));
  }
}

/** `undefined` when the firmware lacks it, or does not show it. */
async function valueOf(ask: Ask, key: string): Promise<string | undefined> {
  const [line] = (await ask(plainCommand(`AT+QICFG="${key}"`, ['+QICFG:']))) ?? [];
  return line?.slice(line.indexOf(',') + 1).replace(/\s/g, '');
}
