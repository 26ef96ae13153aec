/** A query whose response is shared by all callers that ask before it is sent. */
export class Shared<T> {
  private next: Promise<T> | undefined;

  /** @param ask sends the query, with this `isWanted` in its turn */
  constructor(private readonly ask: (isWanted: () => boolean) => Promise<T>) {}

  /** The response to a query that is sent from now on. */
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
