/** A button below Troubleshooting that has the runtime examine the modem, and the place where the result is shown. */
import { ask } from '../../editor/admin';
import { button, element, icon } from '../../editor/dom';
import { field } from '../../editor/form';
import { say, sayWhyNot } from './say';

export interface Tool<Answer> {
  /** Below the modem in the URL, and group of texts in the message catalog. */
  readonly name: 'diagnosis' | 'calibration';
  /** Id of the button, without prefix. */
  readonly button: string;
  readonly icon: string;
  readonly label: string;
  /** Replaces the content of the place. */
  show(answer: Answer): readonly HTMLElement[];
}

/** Adds the tool to the dialog of a modem node. @returns the place for its result */
export function addTool<Answer>(node: EditorNode, tool: Tool<Answer>): HTMLElement {
  const area = field(node, 'name').closest('form').find('.qfwd-diagnosis');
  const id = `qfwd-${tool.name}`;
  const result = element('section', { id, 'aria-live': 'polite' });
  const start = button(
    { id: `qfwd-${tool.button}`, 'aria-controls': id },
    () => void run(),
    icon(tool.icon),
    ` ${say(tool.label)}`,
  );
  area.find('.qfwd-hint').first().before(start);
  area.append(result);
  forbid(start);

  const show = (...content: readonly HTMLElement[]): void => {
    result.replaceChildren(...content);
    result.scrollIntoView({ block: 'nearest' });
  };
  const run = async (): Promise<void> => {
    start.disabled = true;
    show(note(say(`${tool.name}.running`)));
    try {
      show(...tool.show(await ask<Answer>('POST', addressOf(node, tool.name))));
    } catch (error) {
      const text = sayWhyNot(error, `${tool.name}.notDeployed`);
      show(element('p', { class: 'qfwd-error' }, text));
    } finally {
      start.disabled = false;
    }
  };
  return result;
}

/** Of an endpoint about one modem. */
export function addressOf({ id }: EditorNode, name: string): string {
  return `qfwd/modems/${encodeURIComponent(id)}/${name}`;
}

export function heading(text: string): HTMLElement {
  return element('h4', { class: 'qfwd-heading' }, text);
}

export function note(text: string): HTMLElement {
  return element('p', { class: 'qfwd-note' }, text);
}

/** A button that copies a report, which is made from `lines` and who it is about. */
export function copier(node: EditorNode, title: string, lines: readonly string[]): HTMLElement {
  const { version = '?' } = RED.nodes.registry.getNodeSetForType('qfwd-modem') ?? {};
  const head = [
    `${title} – ${new Date().toISOString()}`,
    `@qfwd/node-red-quectel ${version}, Node-RED ${RED.settings.version}, ${String(node.transport)}`,
  ];
  return button(
    { class: 'red-ui-button qfwd-copy-report' },
    () => {
      RED.clipboard.copyText([...head, '', ...lines, ''].join('\n'));
      RED.notify(say('diagnosis.copied'), { type: 'success', timeout: 2000 });
    },
    icon('clipboard'),
    ` ${say('label.copyReport')}`,
  );
}

/** Disables the button of what the user may not do, and says so. */
function forbid(start: HTMLButtonElement): void {
  if (RED.user.hasPermission('qfwd.write')) return;
  start.disabled = true;
  start.title = say('admin.readOnly');
  const hint = $(start).siblings('.qfwd-hint').first();
  // Otherwise the editor inserts the text of the form.
  hint.removeAttr('data-i18n').text(say('admin.readOnly'));
}
