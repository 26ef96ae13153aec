/** One modem in the sidebar. Its elements are created once and then updated, so that focus and collapsed sections are kept. */
import { button, element, icon } from '../../editor/dom';
import type { ModemSnapshot } from '../answers';
import { bytes } from './figures';
import { Plot } from './plot';
import { say } from './say';
import { type Names, socketRows } from './socket-rows';

const COLORS: Readonly<Record<ModemSnapshot['state'], string>> = {
  ready: 'green',
  connecting: 'yellow',
  initialising: 'yellow',
  offline: 'grey',
  stopped: 'grey',
  unsupported: 'red',
  'no-sim': 'yellow',
  locked: 'red',
  unused: 'grey',
  'no-network': 'yellow',
  activating: 'yellow',
  denied: 'red',
  booting: 'yellow',
  error: 'red',
};

const NAMES: Names = {
  labelOf: (nodeId) => {
    const node = RED.nodes.node(nodeId);
    return node && RED.utils.getNodeLabel(node, nodeId);
  },
  say,
};

const COMMANDS = { qfwd: 'option.commandsQfwd', tcpip: 'option.commandsTcpip' } as const;

const SIGNS = { out: '>', in: '<', note: '!' } as const;

export class ModemView {
  readonly element: HTMLElement;
  private readonly name = element('span', { class: 'qfwd-name' });
  private readonly dot = element('span', { class: 'qfwd-dot', 'aria-hidden': 'true' });
  private readonly edit = button(
    { class: 'red-ui-button red-ui-button-small' },
    () => RED.editor.editConfig('', 'qfwd-modem', this.id),
    icon('pencil'),
  );
  private readonly state = element('span', { class: 'qfwd-state' });
  private readonly commands = element('p', { class: 'qfwd-hint' });
  private readonly reason = element('p', { class: 'qfwd-reason' });
  private readonly plot = new Plot();
  private readonly rateIn = element('span', { class: 'qfwd-in' });
  private readonly rateOut = element('span', { class: 'qfwd-out' });
  private readonly queue = element('meter', { min: '0', 'aria-label': say('sidebar.queue') });
  private readonly queueText = element('span', { class: 'qfwd-figure' });
  private readonly sockets = element('tbody');
  private readonly counters = element('dl', { class: 'qfwd-counters' });
  private readonly lines = element('ol', {
    class: 'qfwd-lines',
    tabindex: '0',
    'aria-label': say('sidebar.lines'),
  });
  private readonly running: HTMLElement;
  private shownLines = -1;
  private shownSockets = '';

  constructor(private readonly id: string) {
    const headingId = `qfwd-modem-${id.replace(/\W/g, '-')}`;
    this.running = element(
      'div',
      {},
      figure('sidebar.throughput', element('span', { class: 'qfwd-figure' }, this.rateIn, this.rateOut)),
      this.plot.element,
      figure('sidebar.queue', this.queueText),
      this.queue,
      this.table(),
      fold('sidebar.lines', true, this.lines),
      fold('sidebar.counters', false, this.counters),
    );
    this.element = element(
      'section',
      { class: 'qfwd-modem', 'aria-labelledby': headingId, 'data-modem': id },
      element('header', {}, this.dot, element('h3', { id: headingId }, this.name), this.state, this.edit),
      this.commands,
      this.reason,
      this.running,
    );
  }

  /** @param now of the browser, ms since 1970 */
  show(snapshot: ModemSnapshot, now: number): void {
    const { commands, state, portName, reason = '', counters, queue } = snapshot;
    this.commands.textContent = commands ? say(COMMANDS[commands]) : '';
    const name = snapshot.name || portName || this.id;
    this.name.textContent = name;
    this.edit.title = say('sidebar.edit', { name });
    this.edit.setAttribute('aria-label', this.edit.title);
    this.element.dataset.state = state;
    this.dot.style.background = `var(--red-ui-node-status-colors-${COLORS[state]})`;
    this.state.textContent = say(`status.${state === 'stopped' ? 'offline' : state}`);
    this.reason.textContent = reason || (portName === name ? '' : portName);
    this.running.hidden = counters === undefined;
    if (!counters || !queue) return;
    const rates = this.plot.add({ at: now, in: counters.payloadIn, out: counters.payloadOut });
    this.rateIn.textContent = say('sidebar.rateIn', { rate: rates.in });
    this.rateOut.textContent = say('sidebar.rateOut', { rate: rates.out });
    this.queue.max = queue.limit;
    this.queue.value = queue.bytes;
    const figures = { bytes: bytes(queue.bytes), limit: bytes(queue.limit) };
    this.queueText.textContent = say('sidebar.queueOf', figures);
    this.showSockets(snapshot);
    this.showCounters(counters);
    this.showLines(snapshot, now);
  }

  private table(): HTMLElement {
    const head = ['socket', 'peer', 'in', 'out'].map((key) =>
      element('th', { scope: 'col' }, say(`sidebar.${key}`)),
    );
    return element(
      'table',
      { class: 'qfwd-sockets' },
      element('caption', {}, say('sidebar.sockets')),
      element('thead', {}, element('tr', {}, ...head)),
      this.sockets,
    );
  }

  private showSockets({ endpoints, sockets }: ModemSnapshot): void {
    const shown = JSON.stringify([endpoints, sockets]);
    if (shown === this.shownSockets) return;
    this.shownSockets = shown;
    const rows = socketRows(endpoints, sockets, NAMES).map(({ indent, socketId, peer, reveal, traffic }) => {
      const open = reveal && button({ class: 'qfwd-link' }, () => RED.view.reveal(reveal), peer);
      return element(
        'tr',
        indent ? { class: 'qfwd-accepted' } : {},
        element('td', {}, socketId === undefined ? '–' : String(socketId)),
        element('td', {}, open ?? peer),
        element('td', {}, traffic ? bytes(traffic.in) : ''),
        element('td', {}, traffic ? bytes(traffic.out) : ''),
      );
    });
    const none = element('tr', {}, element('td', { colspan: '4' }, say('sidebar.noSockets')));
    const focused = [...this.sockets.querySelectorAll('button')].findIndex(
      (it) => it === document.activeElement,
    );
    this.sockets.replaceChildren(...(rows.length > 0 ? rows : [none]));
    if (focused >= 0) this.sockets.querySelectorAll('button')[focused]?.focus();
  }

  private showCounters(counters: object): void {
    const entries = Object.entries(counters).map(([key, value]) => {
      const isBytes = /^(bytes|payload)/.test(key);
      return element(
        'div',
        {},
        element('dt', {}, say(`sidebar.counter.${key}`)),
        element('dd', { 'data-counter': key }, isBytes ? bytes(Number(value)) : String(value)),
      );
    });
    this.counters.replaceChildren(...entries);
  }

  private showLines({ lines, lineCount }: ModemSnapshot, now: number): void {
    if (lineCount === this.shownLines) return;
    this.shownLines = lineCount;
    const { scrollTop, scrollHeight, clientHeight } = this.lines;
    const wasAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    const rows = lines.map(({ ago, direction, text }) =>
      element('li', { class: `qfwd-${direction}`, title: timeOf(now - ago) }, `${SIGNS[direction]} ${text}`),
    );
    this.lines.replaceChildren(...rows);
    if (wasAtEnd) this.lines.scrollTop = this.lines.scrollHeight;
  }
}

function figure(key: string, value: HTMLElement): HTMLElement {
  return element('div', { class: 'qfwd-figures' }, element('span', {}, say(key)), value);
}

function fold(key: string, isOpen: boolean, content: HTMLElement): HTMLElement {
  return element('details', isOpen ? { open: '' } : {}, element('summary', {}, say(key)), content);
}

function timeOf(moment: number): string {
  return new Date(moment).toLocaleTimeString();
}
