/** The Diagnose button: runs the checklist, shows findings with remedies, and offers a report to copy. */
import { ask } from '../../editor/admin';
import { button, element, icon } from '../../editor/dom';
import { asText, field } from '../../editor/form';
import type { Finding } from '../answers';
import { say, sayWhyNot } from './say';

const ICONS = { ok: 'check', warn: 'exclamation-triangle', fail: 'times', skip: 'minus' } as const;

export function prepareDiagnosis(node: EditorNode): void {
  const area = field(node, 'name').closest('form').find('.qfwd-diagnosis');
  const result = element('div', { id: 'qfwd-diagnosis', 'aria-live': 'polite' });
  const start = button(
    { id: 'qfwd-diagnose', 'aria-controls': 'qfwd-diagnosis' },
    () => void run(),
    icon('stethoscope'),
    ` ${say('label.diagnose')}`,
  );
  area.prepend(start).append(result);

  const run = async (): Promise<void> => {
    start.disabled = true;
    result.replaceChildren(element('p', { class: 'qfwd-note' }, say('diagnosis.running')));
    try {
      const address = `qfwd/modems/${encodeURIComponent(node.id)}/diagnosis`;
      const findings = await ask<Finding[]>('POST', address);
      const changed = node.changed === true ? [note(say('diagnosis.changed'))] : [];
      result.replaceChildren(...changed, checklist(findings), copier(reportOf(node, findings)));
    } catch (error) {
      const text = sayWhyNot(error, 'diagnosis.notDeployed');
      result.replaceChildren(element('p', { class: 'qfwd-error' }, text));
    } finally {
      start.disabled = false;
    }
  };
}

function checklist(findings: readonly Finding[]): HTMLElement {
  const rows = findings.map(({ step, verdict, value, remedy }) =>
    element(
      'li',
      { class: `qfwd-finding qfwd-${verdict}`, 'data-step': step, 'data-verdict': verdict },
      icon(ICONS[verdict]),
      element(
        'div',
        {},
        element('b', {}, say(`diagnosis.step.${step}`)),
        element('span', { class: 'qfwd-sr-only' }, ` – ${say(`diagnosis.verdict.${verdict}`)}: `),
        element('span', { class: 'qfwd-value' }, verdict === 'skip' ? say('diagnosis.verdict.skip') : value),
        ...(remedy ? [note(say(`diagnosis.remedy.${remedy}`))] : []),
      ),
    ),
  );
  return element('ol', { id: 'qfwd-findings', class: 'qfwd-findings' }, ...rows);
}

function copier(report: string): HTMLElement {
  return button(
    { id: 'qfwd-copy-report' },
    () => {
      RED.clipboard.copyText(report);
      RED.notify(say('diagnosis.copied'), { type: 'success', timeout: 2000 });
    },
    icon('clipboard'),
    ` ${say('label.copyReport')}`,
  );
}

/** The report as plain text. */
function reportOf(node: EditorNode, findings: readonly Finding[]): string {
  const { version = '?' } = RED.nodes.registry.getNodeSetForType('qfwd-modem') ?? {};
  const lines = findings.map(({ step, verdict, value, remedy }) => {
    const advice = remedy ? `\n       ${say(`diagnosis.remedy.${remedy}`)}` : '';
    return `${`[${verdict}]`.padEnd(6)} ${say(`diagnosis.step.${step}`)}: ${value}${advice}`;
  });
  return [
    `${say('diagnosis.heading')} – ${new Date().toISOString()}`,
    `@qfwd/node-red-quectel ${version}, Node-RED ${RED.settings.version}, ${asText(node.transport)}`,
    '',
    ...lines,
    '',
  ].join('\n');
}

function note(text: string): HTMLElement {
  return element('p', { class: 'qfwd-note' }, text);
}
