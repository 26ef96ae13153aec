type Undo = () => unknown;

const undos: Undo[] = [];

afterEach(async () => {
  for (const undo of undos.splice(0).reverse()) await undo();
});

/** Called after the test, in reverse order. */
export function defer(undo: Undo): void {
  undos.push(undo);
}
