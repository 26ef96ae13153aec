/**
 * The table of sockets. A socket has two rows, so that its peer has the width of the table. They are kept while their socket is,
 * so that text in them can be selected.
 */
import { button, element, write } from '../../editor/dom';
import { bytes, duration, ratesBetween, type Reading } from './figures';
import { say } from './say';
import type { SocketRow } from './socket-rows';
import { momentOf } from './times';

interface Cells {
  readonly rows: HTMLTableSectionElement;
  readonly socketId: HTMLElement;
  readonly peer: HTMLElement;
  /** The second row. */
  readonly figures: HTMLElement;
  readonly details: HTMLElement;
  readonly trouble: HTMLElement;
  readonly in: HTMLElement;
  readonly out: HTMLElement;
  last?: Reading;
}

export class SocketTable {
  readonly element: HTMLElement;
  private readonly none = element(
    'tbody',
    {},
    element('tr', {}, element('td', { colspan: '4' }, say('sidebar.noSockets'))),
  );
  private readonly cells = new Map<string, Cells>();
  private order = '';

  constructor() {
    const head = ['socket', 'peer', 'in', 'out'].map((key) =>
      element('th', { scope: 'col' }, say(`sidebar.${key}`)),
    );
    this.element = element(
      'table',
      { class: 'qfwd-sockets' },
      element('caption', {}, say('sidebar.sockets')),
      element('thead', {}, element('tr', {}, ...head)),
      this.none,
    );
  }

  /** @param now of the browser, ms since 1970 */
  show(rows: readonly SocketRow[], now: number): void {
    for (const [key, cells] of this.cells) {
      if (rows.some((it) => it.key === key)) continue;
      cells.rows.remove();
      this.cells.delete(key);
    }
    const shown = rows.map((row) => this.fill(row, now).rows);
    const order = rows.map(({ key }) => key).join('\n');
    if (order !== this.order) this.element.append(...shown);
    this.none.hidden = shown.length > 0;
    this.order = order;
  }

  private fill(row: SocketRow, now: number): Cells {
    const cells = this.cells.get(row.key) ?? newCells(row);
    this.cells.set(row.key, cells);
    const { socketId, peer, traffic, trouble } = row;
    write(cells.socketId, socketId === undefined ? '–' : String(socketId));
    write(cells.peer, peer);
    write(cells.in, traffic ? bytes(traffic.in) : '');
    write(cells.out, traffic ? bytes(traffic.out) : '');
    cells.figures.hidden = !traffic;
    write(cells.trouble, trouble ? `${momentOf(trouble.at, now)} ${trouble.text}` : '');
    const reading = traffic && { at: now, in: traffic.in, out: traffic.out };
    const rates = reading && cells.last ? ratesBetween(cells.last, reading) : { in: 0, out: 0 };
    if (reading) cells.last = reading;
    write(
      cells.details,
      traffic
        ? say('sidebar.activity', {
            age: duration(traffic.age),
            silence: duration(traffic.silence),
            rate: `${bytes(Math.round(rates.in + rates.out))}/s`,
          })
        : '',
    );
    return cells;
  }
}

function newCells({ reveal, indent }: SocketRow): Cells {
  const cell = (): HTMLElement => element('td');
  const peer = reveal
    ? button({ class: 'qfwd-link' }, () => RED.view.reveal(reveal))
    : element('span', { class: 'qfwd-peer' });
  const details = element('div', { class: 'qfwd-details' });
  const trouble = element('div', { class: 'qfwd-trouble' });
  const socketId = cell();
  const received = cell();
  const sent = cell();
  const figures = element('tr', {}, cell(), element('td', {}, details), received, sent);
  const rows = element(
    'tbody',
    indent ? { class: 'qfwd-accepted' } : {},
    element('tr', {}, socketId, element('td', { colspan: '3' }, peer, trouble)),
    figures,
  );
  return { rows, socketId, peer, figures, details, trouble, in: received, out: sent };
}
