/**
 * Notices a serial server that speaks Telnet (RFC 854): it negotiates options as soon as it is connected, before any line of
 * the module, and doubles each byte FF afterwards. Payload may look the same, so nothing is said after the first line.
 */

const LF = 0x0a;
/** Interpret as command. */
const IAC = 0xff;
/** WILL, WON'T, DO and DON'T. */
const FIRST_VERB = 0xfb;
const LAST_VERB = 0xfe;
/** The last of the options in use, from BINARY to RFC 2217's COM-PORT-OPTION and those after it. */
const LAST_OPTION = 49;

export class TelnetDetector {
  /** How much of a negotiation the last bytes were, or whether it is too late for one. */
  private state: 'text' | 'iac' | 'verb' | 'over' = 'text';

  /** Whether this piece of what was received completes a negotiation. */
  push(chunk: Uint8Array): boolean {
    for (const byte of this.state === 'over' ? [] : chunk) {
      if (this.state === 'verb' && byte <= LAST_OPTION) return true;
      this.state = this.next(byte);
      if (this.state === 'over') break;
    }
    return false;
  }

  private next(byte: number): TelnetDetector['state'] {
    if (this.state === 'iac' && byte >= FIRST_VERB && byte <= LAST_VERB) return 'verb';
    if (byte === IAC) return 'iac';
    return byte === LF ? 'over' : 'text';
  }
}
