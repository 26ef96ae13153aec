/** What is being done: one line that changes on a terminal, plain lines elsewhere. */
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

/** @param terminal its type (TERM) */
export function progressOn(screen: Screen, terminal = process.env.TERM): Progress {
  if (screen.isTTY !== true || terminal === 'dumb') {
    return { show: (text) => void screen.write(`${text}\n`), end: () => undefined };
  }
  return {
    show: (text) => void screen.write(CLEAR_LINE + text.slice(0, (screen.columns ?? WIDTH) - 1)),
    end: () => void screen.write(CLEAR_LINE),
  };
}
