const cleanups: (() => unknown)[] = [];

/** Has something done after the test, last in first out. */
export function defer(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
