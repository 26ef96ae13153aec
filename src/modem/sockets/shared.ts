/** A question whose answer is shared by all who need it before it is on the line. */
export class Shared<T> {
  private next: Promise<T> | undefined;

  /** @param ask puts the question, in a turn with this `isWanted` */
  constructor(private readonly ask: (isWanted: () => boolean) => Promise<T>) {}

  /** An answer to the question as it is put from now on. */
  answer(): Promise<T> {
    return (this.next ??= this.begin());
  }

  private begin(): Promise<T> {
    let noteBegun: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (noteBegun = resolve));
    const answer = this.ask(() => {
      noteBegun();
      return true;
    });
    const forget = (): void => {
      if (this.next === answer) this.next = undefined;
    };
    void Promise.race([begun, answer]).then(forget, forget);
    return answer;
  }
}
