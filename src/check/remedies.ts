/** What to do about each finding, for somebody without Node-RED. */
import type { Finding, Remedy } from '../modem/diagnosis/finding';

export const REMEDY_TEXTS: Readonly<Record<Remedy, string>> = {
  portOpening: 'The port was still being opened. Run the check again.',
  portLocked: 'Stop that program for the check: Node-RED, ModemManager, a terminal program or another check.',
  portPermission:
    'You may not use the port. Add yourself to the group dialout and log in again. In a container, pass the device through.',
  portMissing:
    'The port does not exist. Is the module connected and on? Run the check without --port to list the ports.',
  portUnreachable: 'The serial server cannot be used. Check host and port, and set it to raw mode.',
  portOther: 'The port cannot be used; the message is that of the operating system.',
  silent:
    'The port is open, but nobody answers AT. Is it the AT port (USB interface 02)? Is the module on? Check --baud, and that no other program reads from it.',
  portForeign:
    'The second port belongs to another module. Use a port of the same module, or leave out --second.',
  garbled:
    'Answers arrive changed. Does another program use the port or change its settings? A serial server must be raw: no Telnet, no RFC 2217.',
  lost: 'The module stopped answering or restarted during the check. Check the cable and the power supply, and that no other program uses the port.',
  otherModule: 'This is not an EC21, EC25 or EC20. A report and a trace of it are especially welcome.',
  simNone: 'There is no usable SIM. Insert one.',
  simPin:
    'The SIM needs its PIN, which this check never enters. Set it in the modem node, or switch the request for the PIN off in a phone.',
  simPuk: 'The SIM is locked after three wrong PINs. Unlock it with its PUK in a phone.',
  signalNone: 'There is no signal. Check the antenna on the main connector, and the bands of the module.',
  signalWeak: 'The signal is weak. Move the antenna or use a better one.',
  registrationNone:
    'The module is not registered. Check SIM, antenna and coverage. After power-on, registration can take minutes.',
  registrationDenied:
    'The network rejects the SIM. Ask the operator whether it is active and may use LTE here.',
  qfwdStarting:
    'The module has the commands, but was not ready for them in time. If the SIM is locked, unlock it first; then run the check again.',
  qfwdMissing:
    'This firmware has no commands for sockets that this software knows, or is still starting. Wait a minute, then run the check again.',
  urcSockets:
    'Sockets report on a port that is not read here. Use the AT port (USB interface 02), or give the other one with --second.',
  urcModule:
    'The module reports its restarts on another port, so they are noticed late. The start command AT+QURCCFG="urcport","usbat" in the modem node changes that.',
  urcAll:
    'The module reports the events of its sockets on a port that is not read here, so they are noticed late. Give that port with --second. The start command AT+QURCCFG="urcport","usbat" in the modem node, with the name of the port in use, changes that.',
  socketsMissing: 'Sockets that should be open are closed.',
};

/** Findings that do not matter to sockets on the LAN of the module. */
const OF_NETWORK: ReadonlySet<Remedy> = new Set([
  'simNone',
  'simPin',
  'simPuk',
  'signalNone',
  'registrationNone',
  'registrationDenied',
]);

/** Empty if there is nothing to do. */
export function adviceOn({ remedy, verdict }: Finding): string {
  if (!remedy) return '';
  const isOptional = verdict === 'warn' && OF_NETWORK.has(remedy);
  return isOptional
    ? `${REMEDY_TEXTS[remedy]} With AT+QFWD, peers on the LAN of the module need none of this.`
    : REMEDY_TEXTS[remedy];
}
