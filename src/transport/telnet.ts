/**
 * Notices a serial server that speaks Telnet (RFC 854): it negotiates options as soon as it is connected, at most after a
 * banner of its own, and doubles each byte FF afterwards. Payload may look the same, so nothing is said once the module has
 * answered.
 */

const LF = 0x0a;
/** The beginning of what a module answers. Its results may be numbers. */
const ANSWER = /^\r*([+^]|OK\r|ERROR\r|[04]\r)/;
/** In bytes. Banners are shorter. */
const LONGEST_BANNER = 1024;
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
  private line = '';
  private seen = 0;

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
    this.line = byte === LF ? '' : this.line + String.fromCharCode(byte);
    return ANSWER.test(this.line) || ++this.seen > LONGEST_BANNER ? 'over' : 'text';
  }
}
