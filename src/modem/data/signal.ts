/** Something that happens again and again, for which others wait. */
export class Signal {
  private promise: Promise<void> | undefined;
  private wake: () => void = () => undefined;

  /** Resolves the next time that it happens. */
  next(): Promise<void> {
    return (this.promise ??= new Promise((resolve) => (this.wake = resolve)));
  }

  /** It happens. */
  raise(): void {
    this.promise = undefined;
    this.wake();
  }
}
