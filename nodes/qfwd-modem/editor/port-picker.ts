/** A button beside a port's field that lists the serial ports of the computer Node-RED runs on, to choose one of them. */
import { ask } from '../../editor/admin';
import { button, element, icon } from '../../editor/dom';
import { asText, field } from '../../editor/form';
import type { ListedPort } from '../answers';
import { say, sayWhy } from './say';

/** Adds the picker to the field of `property`, which stays a free text field. */
export function preparePortPicker(node: EditorNode, property: string): void {
  const input = field(node, property);
  const id = `qfwd-${property}-ports`;
  const list = element('div', { id, class: 'qfwd-ports', hidden: '', 'aria-live': 'polite' });
  const opener = button(
    { id: `qfwd-${property}-find`, 'aria-controls': id, 'aria-expanded': 'false' },
    () => (list.hidden ? void open() : close()),
    icon('search'),
    ` ${say('label.findPorts')}`,
  );
  input.after(list);
  list.before(element('div', { class: 'qfwd-beside' }, ...input.get(), opener));

  const open = async (): Promise<void> => {
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    list.replaceChildren(note(say('ports.searching')));
    try {
      const ports = await ask<ListedPort[]>('GET', 'qfwd/ports');
      const hasModule = ports.some(({ isModule }) => isModule);
      const hint = hasModule ? [] : [note(say(ports.length > 0 ? 'ports.noModule' : 'ports.none'))];
      list.replaceChildren(...hint, ...(ports.length > 0 ? [options(ports)] : []));
    } catch (error) {
      list.replaceChildren(note(sayWhy(error), 'qfwd-error'));
    }
  };
  const close = (): void => {
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
  };
  list.parentElement?.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || list.hidden) return;
    // Otherwise the editor would close the dialog.
    event.stopPropagation();
    close();
    opener.focus();
  });
  const options = (ports: readonly ListedPort[]): HTMLElement => {
    const rows = ports.map((port) => {
      const choose = (): void => {
        input.val(port.path).trigger('change');
        close();
        input.trigger('focus');
      };
      return element('li', {}, option(port, node.id, asText(input.val()), choose));
    });
    return element('ul', { 'aria-label': say('ports.list') }, ...rows);
  };
}

function option(port: ListedPort, nodeId: string, chosen: string, choose: () => void): HTMLElement {
  const isChosen = chosen === port.path || chosen === port.device;
  const attributes = {
    class: 'qfwd-port',
    'data-path': port.path,
    ...(isChosen && { 'aria-current': 'true' }),
  };
  const name = port.path.slice(port.path.lastIndexOf('/') + 1);
  return button(
    attributes,
    choose,
    element('span', { class: 'qfwd-port-name', title: port.path }, name),
    element('span', { class: 'qfwd-port-details' }, ...details(port, nodeId)),
  );
}

function details(port: ListedPort, nodeId: string): HTMLElement[] {
  const { device, manufacturer, usbId, usedBy, lockedBy } = port;
  const number = port.interface;
  const plain = [device, manufacturer, usbId, number && say('ports.interface', { number })];
  return [
    ...(port.isAtPort ? [element('b', { class: 'qfwd-badge qfwd-good' }, say('ports.atPort'))] : []),
    ...(usedBy && usedBy.id !== nodeId
      ? [inUse(say('ports.usedBy', { name: usedBy.name || usedBy.id }))]
      : []),
    ...(lockedBy ? [inUse(say('ports.lockedBy', { name: lockedBy }))] : []),
    element('span', {}, plain.filter((text) => text !== undefined).join(' · ')),
  ];
}

function inUse(text: string): HTMLElement {
  return element('b', { class: 'qfwd-badge qfwd-doubtful' }, text);
}

function note(text: string, style = 'qfwd-note'): HTMLElement {
  return element('p', { class: style }, text);
}
