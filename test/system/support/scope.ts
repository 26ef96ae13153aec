import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What belongs to one test: undone after it in reverse order, whatever became of it. */
export interface Scope {
  defer(undo: () => void | Promise<void>): void;
  /** Text to print if the test fails. */
  explain(text: () => string): void;
}

/** Gives each test of the suite it is called in a scope of its own, or the suite as a whole one. */
export function useScope(extent: 'test' | 'suite' = 'test'): Scope {
  let undos: (() => void | Promise<void>)[] = [];
  let explanations: (() => string)[] = [];

  const atTheEnd = extent === 'test' ? afterEach : after;
  atTheEnd(async function () {
    if (this.currentTest?.state === 'failed') for (const text of explanations) console.log(text());
    const results = [];
    for (const undo of undos.reverse()) results.push(...(await Promise.allSettled([undo()])));
    undos = [];
    explanations = [];
    const errors = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    if (errors.length > 0) throw new AggregateError(errors, 'cleaning up failed');
  });

  return {
    defer: (undo) => void undos.push(undo),
    explain: (text) => void explanations.push(text),
  };
}

export async function tempDir(scope: Scope): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'qfwd-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
