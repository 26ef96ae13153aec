/** One modem in the sidebar. Its elements are created once and then updated, so that focus and collapsed sections are kept. */
import { button, element, icon, write } from '../../editor/dom';
import { ask } from '../../editor/admin';
import type { ModemSnapshot, ModemSummary, SavedTrace, Trouble } from '../answers';
import { AtLog } from './at-log';
import { bytes } from './figures';
import { colorOf, keyOf, reasonOf } from './overview';
import { Plot } from './plot';
import { say } from './say';
import { type Names, socketRows } from './socket-rows';
import { SocketTable } from './socket-table';
import { momentOf } from './times';

/** Of 3GPP TS 27.007 7.2 as of an LTE module. */
const LAST_REGISTRATION = 5;

const NAMES: Names = {
  labelOf: (nodeId) => {
    const node = RED.nodes.node(nodeId);
    return node && RED.utils.getNodeLabel(node, nodeId);
  },
  say,
};

async function traceOf(id: string, after: number): Promise<string> {
  const address = `qfwd/modems/${encodeURIComponent(id)}/trace?after=${after}`;
  return (await ask<SavedTrace>('GET', address)).trace;
}

/** The name of a modem, in the sidebar as in the flow. */
export function nameOf({ id, name, portName }: ModemSummary): string {
  if (name !== '') return name;
  return NAMES.labelOf(id) ?? (portName === '' ? id : portName);
}

const COMMANDS = { qfwd: 'option.commandsQfwd', tcpip: 'option.commandsTcpip' } as const;

export class ModemView {
  readonly element: HTMLElement;
  /** The number of log lines that it has been given. */
  lineCount = 0;
  private readonly name = element('span', { class: 'qfwd-name' });
  private readonly dot = element('span', { class: 'qfwd-dot', 'aria-hidden': 'true' });
  private readonly chevron = icon('angle-right');
  private readonly fold = button(
    { class: 'qfwd-fold', 'aria-expanded': 'false' },
    () => this.toggle(),
    this.chevron,
    this.dot,
    this.name,
  );
  private readonly edit = button(
    { class: 'red-ui-button red-ui-button-small' },
    () => RED.editor.editConfig('', 'qfwd-modem', this.id),
    icon('pencil'),
  );
  private readonly state = element('span');
  private readonly reason = element('p', { class: 'qfwd-reason' });
  private readonly trouble = element('p', { class: 'qfwd-trouble' });
  private readonly facts = element('dl', { class: 'qfwd-facts' });
  private readonly plot = new Plot();
  private readonly rateIn = element('span', { class: 'qfwd-in' });
  private readonly rateOut = element('span', { class: 'qfwd-out' });
  private readonly queue = element('meter', { min: '0', 'aria-label': say('sidebar.queue') });
  private readonly queueText = element('span', { class: 'qfwd-figure' });
  private readonly sockets = new SocketTable();
  private readonly counters = element('dl', { class: 'qfwd-counters' });
  private readonly log = new AtLog(
    () => this.name.innerText,
    (count) => traceOf(this.id, count),
  );
  private readonly running: HTMLElement;
  private readonly body: HTMLElement;

  /** @param onOpen it was unfolded by the user */
  constructor(
    private readonly id: string,
    private readonly onOpen: () => void,
  ) {
    const headingId = `qfwd-modem-${id.replace(/\W/g, '-')}`;
    this.running = element(
      'div',
      {},
      this.facts,
      figure('sidebar.throughput', element('span', { class: 'qfwd-figure' }, this.rateIn, this.rateOut)),
      this.plot.element,
      figure('sidebar.queue', this.queueText),
      this.queue,
      this.sockets.element,
      fold('sidebar.lines', true, this.log.element),
      fold('sidebar.counters', false, this.counters),
    );
    this.body = element('div', { class: 'qfwd-body', hidden: '' }, this.trouble, this.running);
    this.element = element(
      'section',
      { class: 'qfwd-modem', 'aria-labelledby': headingId, 'data-modem': id },
      element(
        'header',
        {},
        element('h3', { id: headingId }, this.fold),
        element('div', { class: 'qfwd-state' }, this.state, this.edit),
      ),
      this.reason,
      this.body,
    );
  }

  /** Whether its details are shown. */
  get isOpen(): boolean {
    return !this.body.hidden;
  }

  unfold(): void {
    this.setOpen(true);
  }

  private toggle(): void {
    this.setOpen(!this.isOpen);
    if (this.isOpen) this.onOpen();
  }

  private setOpen(isOpen: boolean): void {
    this.body.hidden = !isOpen;
    this.fold.setAttribute('aria-expanded', String(isOpen));
    this.chevron.className = `fa fa-angle-${isOpen ? 'down' : 'right'}`;
  }

  summarize(modem: ModemSummary): void {
    const { state, portName } = modem;
    const name = nameOf(modem);
    write(this.name, name);
    this.edit.title = say('sidebar.edit', { name });
    this.edit.setAttribute('aria-label', this.edit.title);
    this.element.dataset.state = state;
    this.dot.style.background = `var(--red-ui-node-status-colors-${colorOf(modem)})`;
    write(this.state, say(keyOf(modem)));
    write(this.reason, reasonOf(modem, NAMES) || (portName === name ? '' : portName));
  }

  /** @param now of the browser, ms since 1970 */
  show(snapshot: ModemSnapshot, now: number): void {
    this.summarize(snapshot);
    const { counters, queue, trouble, lineCount, lines } = snapshot;
    write(this.trouble, trouble ? troubleText(trouble, snapshot.reason, now) : '');
    this.running.hidden = counters === undefined;
    if (!counters || !queue) return;
    const rates = this.plot.add({ at: now, in: counters.payloadIn, out: counters.payloadOut });
    write(this.rateIn, say('sidebar.rateIn', { rate: rates.in }));
    write(this.rateOut, say('sidebar.rateOut', { rate: rates.out }));
    this.queue.max = queue.limit;
    this.queue.value = queue.bytes;
    write(this.queueText, say('sidebar.queueOf', { bytes: bytes(queue.bytes), limit: bytes(queue.limit) }));
    this.showFacts(snapshot);
    this.sockets.show(socketRows(snapshot.endpoints, snapshot.sockets, NAMES), now);
    this.showCounters(counters);
    this.log.add(lines, lineCount);
    this.lineCount = lineCount;
  }

  private showFacts({ facts = {}, commands }: ModemSnapshot): void {
    const { sim, registration, operator, technology, signal, model, firmware } = facts;
    const network = [operator, technology, registration === undefined ? '' : registrationText(registration)];
    const texts: [key: string, text: string][] = [
      ['sim', sim === undefined ? '' : simText(sim)],
      ['network', joined(network)],
      ['signal', signal === undefined ? '' : `${signal} dBm`],
      ['firmware', joined([model, firmware])],
      ['commands', commands === undefined ? '' : say(COMMANDS[commands])],
    ];
    const entries = texts
      .filter(([, text]) => text !== '')
      .map(([key, text]) =>
        element(
          'div',
          {},
          element('dt', {}, say(`sidebar.${key}`)),
          element('dd', { 'data-fact': key }, text),
        ),
      );
    replace(this.facts, entries);
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
    replace(this.counters, entries);
  }
}

/** The last error with its time. @param reason shown already */
function troubleText({ at, text }: Trouble, reason: string | undefined, now: number): string {
  const time = momentOf(at, now);
  return text === reason ? say('sidebar.lastReported', { time }) : say('sidebar.lastTrouble', { time, text });
}

const SIM_STATES: Readonly<Record<string, string>> = {
  READY: 'sidebar.simReady',
  none: 'sidebar.simNone',
  'SIM PIN': 'sidebar.simPin',
  'SIM PUK': 'sidebar.simPuk',
};

/** The state of the SIM as text; as reported if there is no text for it. */
function simText(sim: string): string {
  const key = SIM_STATES[sim];
  return key === undefined ? sim : say(key);
}

function registrationText(status: number): string {
  return status <= LAST_REGISTRATION ? say(`sidebar.registration.${status}`) : String(status);
}

function joined(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== '').join(' · ');
}

function replace(place: HTMLElement, entries: readonly HTMLElement[]): void {
  const [before, after] = [[...place.children], entries].map((all) => all.map((it) => it.outerHTML).join());
  if (before !== after) place.replaceChildren(...entries);
}

function figure(key: string, value: HTMLElement): HTMLElement {
  return element('div', { class: 'qfwd-figures' }, element('span', {}, say(key)), value);
}

function fold(key: string, isOpen: boolean, content: HTMLElement): HTMLElement {
  return element('details', isOpen ? { open: '' } : {}, element('summary', {}, say(key)), content);
}
