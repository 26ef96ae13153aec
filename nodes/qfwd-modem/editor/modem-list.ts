/** The modems in the sidebar: how many are in which state, and one line for each, which can be unfolded. */
import { AdminError, ask } from '../../editor/admin';
import { element, write } from '../../editor/dom';
import type { ModemSnapshot, ModemSummary } from '../answers';
import { ModemView, nameOf } from './modem-view';
import { arrange, type Order, tally } from './overview';
import { say } from './say';

/** So many modems are unfolded at first. */
const FEW = 3;

export class ModemList {
  readonly element: HTMLElement;
  private readonly tally = element('p', { class: 'qfwd-tally', role: 'status' });
  private readonly order = element('select', { 'aria-label': say('sidebar.order.label') });
  private readonly filter = element('input', {
    type: 'search',
    placeholder: say('sidebar.filter'),
    'aria-label': say('sidebar.filter'),
  });
  private readonly tools = element('div', { class: 'qfwd-tools' }, this.filter, this.order);
  private readonly list = element('div');
  private readonly views = new Map<string, ModemView>();
  private modems: readonly ModemSummary[] = [];

  constructor() {
    for (const order of ['state', 'name'] satisfies Order[])
      this.order.append(element('option', { value: order }, say(`sidebar.order.${order}`)));
    this.order.addEventListener('change', () => this.arrange());
    this.filter.addEventListener('input', () => this.arrange());
    this.element = element('div', {}, this.tally, this.tools, this.list);
    this.show([]);
  }

  get isEmpty(): boolean {
    return this.modems.length === 0;
  }

  show(modems: readonly ModemSummary[]): void {
    this.modems = modems;
    const isMany = modems.length > FEW;
    const ids = new Set(modems.map(({ id }) => id));
    for (const id of this.views.keys()) if (!ids.has(id)) this.views.delete(id);
    for (const modem of modems) {
      const view = this.views.get(modem.id) ?? this.newView(modem.id, !isMany);
      view.summarize(modem);
    }
    this.tools.hidden = !isMany;
    this.tally.hidden = modems.length < 2;
    const counts = tally(modems)
      .map(([key, count]) => `${count} ${say(key)}`)
      .join(' · ');
    write(this.tally, counts);
    this.arrange();
  }

  /** Asks for the details of the modems that are unfolded. Rejects with an {@link AdminError}. */
  async refresh(): Promise<void> {
    const open = [...this.views].filter(([, view]) => view.isOpen && view.element.isConnected);
    await Promise.all(open.map(([id, view]) => fill(id, view)));
  }

  private newView(id: string, isOpen: boolean): ModemView {
    const view = new ModemView(id, () => void fill(id, view).catch(() => undefined));
    this.views.set(id, view);
    if (isOpen) view.unfold();
    return view;
  }

  private arrange(): void {
    const isMany = this.modems.length > FEW;
    const order = this.order.value as Order;
    const filter = isMany ? this.filter.value : '';
    const arranged = arrange(this.modems, { order, filter, nameOf, say });
    const wanted = arranged.flatMap(({ id }) => this.views.get(id)?.element ?? []);
    const isSame = this.list.children.length === wanted.length;
    if (isSame && wanted.every((it, at) => it === this.list.children[at])) return;
    // An element that is moved loses the focus.
    const focused = document.activeElement;
    this.list.replaceChildren(...wanted);
    if (focused instanceof HTMLElement && this.list.contains(focused)) focused.focus();
  }
}

async function fill(id: string, view: ModemView): Promise<void> {
  const address = `qfwd/modems/${encodeURIComponent(id)}?after=${view.lineCount}`;
  try {
    view.show(await ask<ModemSnapshot>('GET', address), Date.now());
  } catch (error) {
    // It was removed since the list was read.
    if (!(error instanceof AdminError && error.status === 404)) throw error;
  }
}
