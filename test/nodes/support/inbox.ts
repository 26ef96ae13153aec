const PATIENCE_MS = 5000;

interface Wait<T> {
  readonly matches: (item: T) => boolean;
  readonly take: (item: T) => void;
}

/** What comes one by one and is awaited one by one. */
export class Inbox<T> {
  private readonly items: T[] = [];
  private waits: Wait<T>[] = [];

  constructor(private readonly name: string) {}

  /** What has come and was not taken yet. */
  get pending(): readonly T[] {
    return this.items;
  }

  put(item: T): void {
    const wait = this.waits.find(({ matches }) => matches(item));
    if (wait) wait.take(item);
    else this.items.push(item);
  }

  /** Takes the first item that matches, as soon as there is one. */
  next(matches: (item: T) => boolean = () => true): Promise<T> {
    const at = this.items.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.items.splice(at, 1)[0]!);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const others = this.items.map((item) => JSON.stringify(item).slice(0, 200)).join('\n');
        reject(new Error(`${this.name}: nothing came that ${matches.toString()}; others:\n${others}`));
      }, PATIENCE_MS);
      const wait: Wait<T> = {
        matches,
        take: (item) => {
          clearTimeout(timer);
          this.waits = this.waits.filter((other) => other !== wait);
          resolve(item);
        },
      };
      this.waits.push(wait);
    });
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
