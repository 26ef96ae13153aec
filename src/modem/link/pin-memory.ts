/** What tells SIMs and modules apart, as far as known: ICCID and IMEI. A module reports both before a PIN is entered. */
export interface SimIdentity {
  readonly card?: string | undefined;
  readonly module?: string | undefined;
}

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
   * - `busy`: another modem node may be about to enter a PIN for the same SIM.
   */
  readonly state: 'usable' | 'refused' | 'unknown' | 'last' | 'busy';
  /** From now on, PINs that other modem nodes have entered for this SIM, or this module, count as well. */
  identify(sim: SimIdentity): void;
  /** Until it is released, the state is `busy` for other modem nodes with the same SIM. */
  claim(): void;
  release(): void;
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
    identify: () => undefined,
    claim: () => undefined,
    release: () => undefined,
    noteEntering: (card) => {
      state = 'unknown';
      entered = card;
    },
    isFor: (card) => card === undefined || entered === undefined || card === entered,
    noteAccepted: () => void (state = 'usable'),
    noteRefused: () => void (state = 'refused'),
  };
}
