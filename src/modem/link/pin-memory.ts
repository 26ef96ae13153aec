/**
 * What became of the PIN that was entered. The third wrong PIN locks the SIM, so that an entry is noted before it is
 * written to the module: whatever happens then, it is known that the PIN may have been tried.
 */
export interface PinMemory {
  /**
   * - `usable`: it was never refused.
   * - `refused`: the SIM refused it.
   * - `unknown`: it was entered, and nobody knows what the SIM made of it.
   */
  readonly state: 'usable' | 'refused' | 'unknown';
  /**
   * It is about to be written to the module. It is `unknown` once this returns, even if the process ends then.
   * @throws {QfwdError} when that cannot be kept: then it must not be entered
   */
  noteEntering(): void;
  /** The SIM took it: it is `usable` again. */
  noteAccepted(): void;
  noteRefused(): void;
}

/** Remembers it as long as the process lives. */
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
