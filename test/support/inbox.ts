import { Condition } from './condition';

/** Items that arrive one by one and are taken one by one, in any order. */
export class Inbox<T> {
  private readonly items: T[] = [];
  private readonly condition = new Condition(
    () => `${this.name}:\n${this.items.map((item) => JSON.stringify(item).slice(0, 200)).join('\n')}`,
  );

  constructor(private readonly name: string) {}

  /** Items that were not taken yet. */
  get pending(): readonly T[] {
    return this.items;
  }

  put(item: T): void {
    this.items.push(item);
    this.condition.changed();
  }

  /** Takes the first item that matches, as soon as there is one. */
  async next(matches: (item: T) => boolean = () => true): Promise<T> {
    for (;;) {
      await this.condition.until(() => this.items.some(matches));
      // Another call may have taken it meanwhile.
      const at = this.items.findIndex(matches);
      if (at >= 0) return this.items.splice(at, 1)[0]!;
    }
  }

  /** Takes everything up to and including the first item that matches. */
  async until(matches: (item: T) => boolean): Promise<T[]> {
    const taken: T[] = [];
    do taken.push(await this.next());
    while (!matches(taken.at(-1)!));
    return taken;
  }

  /** Takes `count` items. */
  async take(count: number, matches?: (item: T) => boolean): Promise<T[]> {
    const taken: T[] = [];
    while (taken.length < count) taken.push(await this.next(matches));
    return taken;
  }
}
