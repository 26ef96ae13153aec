/** What is being done: one line that changes on a terminal, with the time it takes; plain lines elsewhere. */
import type { Clock } from '../at';

export interface Progress {
  show(text: string): void;
  /** Nothing more is shown. */
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\x1b[K';
const WIDTH = 80;
const SECOND = 1000;

/** @param terminal its type (TERM) */
export function progressOn(screen: Screen, clock: Clock, terminal = process.env.TERM): Progress {
  if (screen.isTTY !== true || terminal === 'dumb') {
    return { show: (text) => void screen.write(`${text}\n`), end: () => undefined };
  }
  let cancel = (): void => undefined;
  const draw = (text: string, began: number): void => {
    const seconds = Math.round((clock.now() - began) / SECOND);
    const time = seconds === 0 ? '' : ` (${seconds} s)`;
    const { columns = 0 } = screen;
    // A terminal that does not know its size has 0 columns.
    const width = (columns === 0 ? WIDTH : columns) - 1 - time.length;
    screen.write(CLEAR_LINE + text.slice(0, Math.max(0, width)) + time);
    cancel = clock.after(SECOND, () => draw(text, began));
  };
  return {
    show: (text) => {
      cancel();
      draw(text, clock.now());
    },
    end: () => {
      cancel();
      screen.write(CLEAR_LINE);
    },
  };
}
