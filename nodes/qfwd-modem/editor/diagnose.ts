/** The Diagnose button: runs the checklist, shows findings with remedies, and offers a report to copy. */
import { element, icon } from '../../editor/dom';
import type { Finding } from '../answers';
import { say } from './say';
import { addTool, copier, heading, note } from './tool';

const ICONS = { ok: 'check', warn: 'exclamation-triangle', fail: 'times', skip: 'minus' } as const;

export function prepareDiagnosis(node: EditorNode): void {
  addTool<readonly Finding[]>(node, {
    name: 'diagnosis',
    button: 'diagnose',
    icon: 'stethoscope',
    label: 'label.diagnose',
    show: (findings) => [
      heading(say('label.diagnose')),
      ...(node.changed === true ? [note(say('diagnosis.changed'))] : []),
      checklist(findings),
      copier(node, say('diagnosis.heading'), findings.map(reported)),
    ],
  });
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

/** A finding in the report. */
function reported({ step, verdict, value, remedy }: Finding): string {
  const advice = remedy ? `\n       ${say(`diagnosis.remedy.${remedy}`)}` : '';
  return `${`[${verdict}]`.padEnd(6)} ${say(`diagnosis.step.${step}`)}: ${value}${advice}`;
}
