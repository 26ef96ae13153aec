/** The sidebar with the current state of every deployed modem. It polls the runtime only while it is visible. */
import { AdminError, ask } from '../../editor/admin';
import { element } from '../../editor/dom';
import { ModemList } from './modem-list';
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
  let isInSight = false;
  let isOver = false;
  let timer: number | undefined;

  const poll = async (): Promise<void> => {
    timer = undefined;
    let wait: number | undefined = INTERVAL;
    try {
      list.show(await ask('GET', 'qfwd/modems'));
      note.className = 'qfwd-note';
      note.textContent = list.isEmpty ? say('sidebar.empty') : '';
      await list.refresh();
    } catch (error) {
      // Without permission, polling again is useless.
      const isForbidden = error instanceof AdminError && error.key === 'forbidden';
      wait = isForbidden ? undefined : SLOW_INTERVAL;
      note.className = 'qfwd-error';
      note.textContent = sayWhy(error);
    }
    list.element.classList.toggle('qfwd-stale', wait !== INTERVAL);
    if (wait !== undefined) schedule(wait);
  };
  const schedule = (ms: number): void => {
    window.clearTimeout(timer);
    timer = undefined;
    if (isInSight && !document.hidden && !isOver) timer = window.setTimeout(() => void poll(), ms);
  };
  const look = (): void => schedule(0);
  const list = new ModemList();
  content.append(note, list.element);
  const sight = new IntersectionObserver((changes) => {
    // A busy browser reports several changes at once, the newest last.
    isInSight = changes.at(-1)?.isIntersecting ?? false;
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
