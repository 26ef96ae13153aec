/**
 * Outcome of the last PIN entry. The third wrong PIN locks the SIM, so an entry is recorded before the PIN is written
 * to the module: after a crash, it is known that the PIN may have been tried.
 */
export interface PinMemory {
  /**
   * - `usable`: the PIN was never refused.
   * - `refused`: the SIM refused the PIN.
   * - `unknown`: the PIN was entered, and the outcome is unknown.
   */
  readonly state: 'usable' | 'refused' | 'unknown';
  /**
   * The PIN is about to be written to the module. Once this returns, the state is `unknown`, even after a crash.
   * @throws {QfwdError} if the state cannot be stored; the PIN must not be entered then
   */
  noteEntering(): void;
  /** The SIM accepted the PIN: the state is `usable` again. */
  noteAccepted(): void;
  noteRefused(): void;
}

/** A PIN memory that lasts as long as the process. */
export function newPinMemory(): PinMemory {
  let state: PinMemory['state'] = 'usable';
  return {
    get state() {
      return state;
    },
    noteEntering: () => void (state = 'unknown'),
    noteAccepted: () => void (state = 'usable'),
    noteRefused: () => void (state = 'refused'),
  };
}
