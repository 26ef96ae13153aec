/** The sidebar with the current state of every deployed modem. It polls the runtime only while it is visible. */
import { ask } from '../../editor/admin';
import { element } from '../../editor/dom';
import type { ModemSnapshot } from '../answers';
import { ModemView } from './modem-view';
import { say, sayWhy } from './say';

const ID = 'qfwd';
const ACTION = 'qfwd:show-modems';
const INTERVAL = 1000;
/** After a failed request. */
const SLOW_INTERVAL = 5000;

let close: (() => void) | undefined;

export function addSidebar(): void {
  if (close) return;
  const content = element('div', { id: 'qfwd-sidebar', class: 'qfwd-sidebar' });
  RED.sidebar.addTab({
    id: ID,
    label: say('sidebar.label'),
    name: say('sidebar.name'),
    iconClass: 'fa fa-signal',
    content,
    enableOnEdit: true,
    pinned: true,
    action: ACTION,
  });
  RED.actions.add(ACTION, () => RED.sidebar.show(ID));
  const stop = watch(content);
  close = () => {
    stop();
    RED.actions.remove(ACTION);
    RED.sidebar.removeTab(ID);
  };
}

export function removeSidebar(): void {
  close?.();
  close = undefined;
}

/** Updates the modems in `content` while it is visible. @returns a function that stops this */
function watch(content: HTMLElement): () => void {
  const note = element('p', { class: 'qfwd-note', role: 'status' }, say('sidebar.loading'));
  const list = element('div');
  content.append(note, list);
  const views = new Map<string, ModemView>();
  let isInSight = false;
  let isOver = false;
  let timer: number | undefined;

  const show = (modems: readonly ModemSnapshot[]): void => {
    note.className = 'qfwd-note';
    note.textContent = modems.length > 0 ? '' : say('sidebar.empty');
    const ids = new Set(modems.map(({ id }) => id));
    for (const [id, view] of views) {
      if (ids.has(id)) continue;
      view.element.remove();
      views.delete(id);
    }
    for (const modem of modems) {
      const view = views.get(modem.id) ?? new ModemView(modem.id);
      if (!views.has(modem.id)) list.append(view.element);
      views.set(modem.id, view);
      view.show(modem, Date.now());
    }
  };
  const poll = async (): Promise<void> => {
    timer = undefined;
    let wait = INTERVAL;
    try {
      show(await ask<ModemSnapshot[]>('GET', 'qfwd/modems'));
    } catch (error) {
      wait = SLOW_INTERVAL;
      note.className = 'qfwd-error';
      note.textContent = sayWhy(error);
    }
    list.classList.toggle('qfwd-stale', wait === SLOW_INTERVAL);
    schedule(wait);
  };
  const schedule = (ms: number): void => {
    window.clearTimeout(timer);
    timer = undefined;
    if (isInSight && !document.hidden && !isOver) timer = window.setTimeout(() => void poll(), ms);
  };
  const look = (): void => schedule(0);
  const sight = new IntersectionObserver(([entry]) => {
    isInSight = entry?.isIntersecting ?? false;
    look();
  });
  sight.observe(content);
  document.addEventListener('visibilitychange', look);
  return () => {
    isOver = true;
    window.clearTimeout(timer);
    sight.disconnect();
    document.removeEventListener('visibilitychange', look);
  };
}
