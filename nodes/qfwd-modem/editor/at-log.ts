/** The AT lines of one modem: appended as they come, so that they can be read, selected, copied and saved. */
import { button, element, icon } from '../../editor/dom';
import type { LogLine } from '../answers';
import { type LineTag, LineTagger } from './line-tags';
import { say } from './say';
import { momentOf } from './times';

/** As many lines as the runtime keeps. */
const MOST = 2000;

const SIGNS = { out: '>', in: '<', note: '!' } as const;

interface Row {
  readonly text: string;
  readonly tag: LineTag;
  readonly element: HTMLElement;
}

export class AtLog {
  readonly element: HTMLElement;
  private readonly list = element('ol');
  private readonly view = element(
    'div',
    {
      class: 'qfwd-lines',
      tabindex: '0',
      role: 'log',
      'aria-live': 'off',
      'aria-label': say('sidebar.lines'),
    },
    this.list,
  );
  private readonly tagger = new LineTagger();
  private rows: Row[] = [];
  /** Lines that came during a pause. */
  private held: LogLine[] | undefined;
  private readonly pause = tool('pause', 'sidebar.log.pause', () => this.togglePause());
  private readonly socket = element('select', { 'aria-label': say('sidebar.log.socket') });
  private readonly withoutQueries = element('input', { type: 'checkbox' });
  private readonly search = element('input', {
    type: 'search',
    placeholder: say('sidebar.log.search'),
    'aria-label': say('sidebar.log.search'),
  });

  /** How many lines the modem has had in all, and how many before those that are kept here. */
  private count = 0;
  private cleared = 0;

  /**
   * @param name of the modem, for the name of a saved file
   * @param traceAfter the lines of the modem without so many at the beginning, as a trace
   */
  constructor(
    private readonly name: () => string,
    private readonly traceAfter: (count: number) => Promise<string>,
  ) {
    this.pause.setAttribute('aria-pressed', 'false');
    this.socket.append(option('', say('sidebar.log.allSockets')));
    this.socket.addEventListener('change', () => this.filter());
    this.withoutQueries.addEventListener('change', () => this.filter());
    this.search.addEventListener('input', () => this.filter());
    this.element = element(
      'div',
      { class: 'qfwd-log' },
      element(
        'div',
        { class: 'qfwd-tools' },
        this.pause,
        tool('ban', 'sidebar.log.clear', () => this.clear()),
        tool('clipboard', 'sidebar.log.copy', () => this.copy()),
        tool('download', 'sidebar.log.download', () => void this.download()),
        this.socket,
        this.search,
        element('label', {}, this.withoutQueries, ` ${say('sidebar.log.withoutQueries')}`),
      ),
      this.view,
    );
  }

  /** @param count of the lines of the modem, with these */
  add(lines: readonly LogLine[], count: number): void {
    // The modem was restarted.
    if (count < this.cleared) this.cleared = 0;
    this.count = count;
    this.show(lines);
  }

  private show(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    if (this.held) {
      this.held = [...this.held, ...lines].slice(-MOST);
      return;
    }
    const { scrollTop, scrollHeight, clientHeight } = this.view;
    const wasAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    const added = lines.map((line) => this.rowOf(line));
    this.list.append(...added.map((row) => row.element));
    this.rows.push(...added);
    for (const row of this.rows.splice(0, Math.max(0, this.rows.length - MOST))) row.element.remove();
    for (const { tag } of added) this.offer(tag.socketId);
    if (wasAtEnd) this.view.scrollTop = this.view.scrollHeight;
  }

  private rowOf(line: LogLine): Row {
    const tag = this.tagger.tag(line);
    const { direction, text } = line;
    const time = momentOf(line.at, Date.now());
    const row = element(
      'li',
      { class: `qfwd-${direction}` },
      element('time', { datetime: new Date(line.at).toISOString() }, time),
      ` ${SIGNS[direction]} ${text}`,
    );
    const shown = { text: `${time} ${SIGNS[direction]} ${text}`, tag, element: row };
    row.hidden = !this.isWanted(shown);
    return shown;
  }

  /** A socket that can be chosen from now on. */
  private offer(socketId: number | undefined): void {
    if (socketId === undefined) return;
    const value = String(socketId);
    const options = [...this.socket.options];
    if (options.some((it) => it.value === value)) return;
    const next = options.find((it) => it.value !== '' && Number(it.value) > socketId) ?? null;
    this.socket.insertBefore(option(value, say('sidebar.log.ofSocket', { socketId })), next);
  }

  private isWanted({ text, tag: { socketId, isQuery } }: Row): boolean {
    const { value } = this.socket;
    const isOfSocket = value === '' || value === String(socketId);
    const isFound = text.toLowerCase().includes(this.search.value.toLowerCase());
    return isOfSocket && isFound && !(this.withoutQueries.checked && isQuery);
  }

  private filter(): void {
    for (const row of this.rows) row.element.hidden = !this.isWanted(row);
    this.view.scrollTop = this.view.scrollHeight;
  }

  private togglePause(): void {
    const { held } = this;
    this.held = held ? undefined : [];
    this.pause.setAttribute('aria-pressed', String(!held));
    name(this.pause, held ? 'sidebar.log.pause' : 'sidebar.log.resume');
    this.pause.replaceChildren(icon(held ? 'pause' : 'play'));
    if (held) this.show(held);
  }

  private clear(): void {
    this.cleared = this.count;
    this.rows = [];
    this.held &&= [];
    this.list.replaceChildren();
  }

  /** The lines that are shown. */
  private text(): string {
    const shown = this.rows.filter((row) => !row.element.hidden);
    return shown.map(({ text }) => `${text}\n`).join('');
  }

  private copy(): void {
    RED.clipboard.copyText(this.text());
    RED.notify(say('sidebar.log.copied'), { type: 'success', timeout: 2000 });
  }

  /** A trace has all lines: those of some sockets alone could not be played. */
  private async download(): Promise<void> {
    let trace: string;
    try {
      trace = await this.traceAfter(this.cleared);
    } catch (error) {
      RED.notify((error as Error).message, { type: 'error' });
      return;
    }
    const url = URL.createObjectURL(new Blob([trace], { type: 'application/jsonl' }));
    const file = `${this.name().replace(/[^\p{L}\p{N}.-]+/gu, '-')}-trace.jsonl`;
    element('a', { href: url, download: file }).click();
    URL.revokeObjectURL(url);
  }
}

function tool(image: string, key: string, onClick: () => void): HTMLButtonElement {
  const made = button({ class: 'red-ui-button red-ui-button-small' }, onClick, icon(image));
  name(made, key);
  return made;
}

function name(control: HTMLElement, key: string): void {
  control.title = say(key);
  control.setAttribute('aria-label', control.title);
}

function option(value: string, text: string): HTMLOptionElement {
  return element('option', { value }, text);
}
