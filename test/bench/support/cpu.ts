import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds that a process has run on a CPU, all its threads together; NaN where the system does not tell. */
export function cpuTime(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.map((id) =>
      Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'latin1').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, it) => sum + it, 0) / 1e6;
  } catch {
    return NaN;
  }
}
