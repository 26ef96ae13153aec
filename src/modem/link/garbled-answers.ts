export interface GarbledAnswersHost {
  /** The port is to be reopened. */
  onFailure(reason: Error): void;
  onWarning(text: string): void;
}

/** After so many garbled answers in a row, the port is reopened. */
const MOST_GARBLED = 4;

const GARBLED =
  'the answers of the module are garbled: does another program use its port, or change its settings? ' +
  'A TCP serial server must be raw: no Telnet, no RFC 2217';

/**
 * Reopens the port once if answers are garbled, which cures what another program has done to it. If they still are
 * afterwards, reopening it again would not help, and a warning is given.
 */
export class GarbledAnswers {
  /** What was done since the last sound answer. */
  private done: 'nothing' | 'reopened' | 'told' = 'nothing';

  constructor(private readonly host: GarbledAnswersHost) {}

  /** @param inARow number of garbled answers; 0 after a sound one */
  note(inARow: number): void {
    if (inARow === 0) this.done = 'nothing';
    if (inARow < MOST_GARBLED || this.done === 'told') return;
    if (this.done === 'reopened') {
      this.done = 'told';
      this.host.onWarning(GARBLED);
    } else {
      this.done = 'reopened';
      this.host.onFailure(new Error(GARBLED));
    }
  }
}
