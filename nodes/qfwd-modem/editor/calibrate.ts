/** The Calibrate button: measures the firmware and shows the result; initially, the last result. */
import { ask } from '../../editor/admin';
import { button, element, icon } from '../../editor/dom';
import { field } from '../../editor/form';
import type { Calibration, Measured } from '../answers';
import { say, sayWhyNot } from './say';

export function prepareCalibration(node: EditorNode): void {
  const area = field(node, 'name').closest('form').find('.qfwd-diagnosis');
  const result = element('div', { id: 'qfwd-calibration', 'aria-live': 'polite' });
  const start = button(
    { id: 'qfwd-calibrate', 'aria-controls': 'qfwd-calibration' },
    () => void run(),
    icon('balance-scale'),
    ` ${say('label.runCalibration')}`,
  );
  area.prepend(start).append(result);
  const address = `qfwd/modems/${encodeURIComponent(node.id)}/calibration`;

  const showLast = async (): Promise<void> => {
    const last = await ask<Calibration | null>('GET', address);
    if (last && !result.hasChildNodes()) result.replaceChildren(...report(last));
  };
  // The button still works, and shows the error.
  void showLast().catch(() => undefined);

  const run = async (): Promise<void> => {
    start.disabled = true;
    result.replaceChildren(note(say('calibration.running')));
    try {
      result.replaceChildren(...report(await ask<Calibration>('POST', address)));
    } catch (error) {
      const text = sayWhyNot(error, 'calibration.notDeployed');
      result.replaceChildren(element('p', { class: 'qfwd-error' }, text));
    } finally {
      start.disabled = false;
    }
  };
}

function report(calibration: Calibration): HTMLElement[] {
  const { rows } = calibration;
  return [
    note(verdictOf(calibration)),
    element('ul', { id: 'qfwd-measured', class: 'qfwd-findings' }, ...rows.map(row)),
  ];
}

function verdictOf({ firmware, firmwareNow, obstacle, binary }: Calibration): string {
  if (firmwareNow !== undefined)
    return say('calibration.outdated', { before: firmware || '?', now: firmwareNow });
  if (obstacle !== undefined) return say('calibration.obstacle', { reason: obstacle });
  return say(`calibration.binary.${binary}`);
}

function row({ item, value, word }: Measured): HTMLElement {
  const isKnown = word !== 'unknown';
  return element(
    'li',
    { class: `qfwd-finding ${isKnown ? 'qfwd-ok' : 'qfwd-skip'}`, 'data-item': item },
    icon(isKnown ? 'check' : 'minus'),
    element(
      'div',
      {},
      element('b', {}, say(`calibration.item.${item}`)),
      element('span', { class: 'qfwd-sr-only' }, ': '),
      element('span', { class: 'qfwd-value' }, word === undefined ? value : say(`calibration.word.${word}`)),
    ),
  );
}

function note(text: string): HTMLElement {
  return element('p', { class: 'qfwd-note' }, text);
}
