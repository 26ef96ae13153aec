/** A value that may be kept longer than the modem object, and longer than the process. */
export interface Kept<T> {
  value: T | undefined;
}
