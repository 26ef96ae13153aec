/** Fits text into the width of a terminal. */

/** The mark of a line, or everything up to its last column. */
const LEAD = /^(?:.* {2,}|[-!✓✗] )?/;
const SHORT_INDENT = 4;

/**
 * Breaks lines between words. The rest of a line is aligned with its last column, which follows two or more blanks.
 * @param columns 0 or missing: unknown, so that nothing is broken
 */
export function wrapped(text: string, columns = 0): string {
  if (columns === 0) return text;
  return text
    .split('\n')
    .flatMap((line) => piecesOf(line, columns))
    .join('\n');
}

function piecesOf(line: string, columns: number): string[] {
  const [lead = ''] = LEAD.exec(line) ?? [];
  const indent = ' '.repeat(lead.length <= columns / 2 ? lead.length : SHORT_INDENT);
  const [first = '', ...words] = line.slice(lead.length).split(' ');
  const pieces: string[] = [];
  let piece = lead + first;
  for (const word of words) {
    if (piece.length + 1 + word.length <= columns) {
      piece += ` ${word}`;
    } else {
      pieces.push(piece);
      piece = indent + word;
    }
  }
  return [...pieces, piece];
}
