/**
 * Outcome of the last PIN entry. The third wrong PIN locks the SIM, so an entry is recorded before the PIN is written
 * to the module: after a crash, it is known that the PIN may have been tried.
 */
export interface PinMemory {
  /**
   * - `usable`: the PIN was never refused.
   * - `refused`: the SIM refused the PIN.
   * - `unknown`: the PIN was entered, and the outcome is unknown.
   * - `last`: the PIN was never entered, but two others were refused, so the next wrong one may lock the SIM.
   */
  readonly state: 'usable' | 'refused' | 'unknown' | 'last';
  /**
   * The PIN is about to be written to the module. Once this returns, the state is `unknown`, even after a crash.
   * @param card the ICCID of the SIM, if known
   * @throws {QfwdError} if the state cannot be stored; the PIN must not be entered then
   */
  noteEntering(card?: string): void;
  /** Whether the PIN of unknown outcome was entered for this SIM; true unless both are known. */
  isFor(card: string | undefined): boolean;
  /** The SIM accepted the PIN: the state is `usable` again. */
  noteAccepted(): void;
  noteRefused(): void;
}

/** A PIN memory that lasts as long as the process. */
export function newPinMemory(): PinMemory {
  let state: PinMemory['state'] = 'usable';
  let entered: string | undefined;
  return {
    get state() {
      return state;
    },
    noteEntering: (card) => {
      state = 'unknown';
      entered = card;
    },
    isFor: (card) => card === undefined || entered === undefined || card === entered,
    noteAccepted: () => void (state = 'usable'),
    noteRefused: () => void (state = 'refused'),
  };
}
