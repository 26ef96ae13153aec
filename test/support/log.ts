import { Condition } from './condition';

/** Items in the order in which they occurred, to be awaited. */
export class Log<T> {
  readonly all: T[] = [];
  private seen = 0;
  private readonly condition = new Condition(() => JSON.stringify(this.all.slice(-20)));

  push(item: T): void {
    this.all.push(item);
    this.condition.changed();
  }

  /** The first item of its kind after all that earlier calls have returned. */
  async next(matches: (item: T) => boolean = () => true): Promise<T> {
    const index = () => this.all.findIndex((item, at) => at >= this.seen && matches(item));
    await this.until(() => index() >= 0);
    const at = index();
    this.seen = at + 1;
    return this.all[at]!;
  }

  /** Waits until a condition is true, checked at every new item. */
  until(holds: () => boolean): Promise<void> {
    return this.condition.until(holds);
  }
}
