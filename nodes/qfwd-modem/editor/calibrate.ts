/** The Calibrate button: measures the firmware and shows the result; initially, the last result, folded to one line. */
import { ask } from '../../editor/admin';
import { element, icon } from '../../editor/dom';
import type { Calibration, Measured } from '../answers';
import { say } from './say';
import { addressOf, addTool, copier, heading, note } from './tool';

export function prepareCalibration(node: EditorNode): void {
  const result = addTool<Calibration>(node, {
    name: 'calibration',
    button: 'calibrate',
    icon: 'balance-scale',
    label: 'label.runCalibration',
    show: (calibration) => report(node, calibration, true),
  });
  const showLast = async (): Promise<void> => {
    const last = await ask<Calibration | null>('GET', addressOf(node, 'calibration'));
    if (last && !result.hasChildNodes()) result.replaceChildren(...report(node, last, false));
  };
  // The button still works, and shows the error.
  void showLast().catch(() => undefined);
}

function report(node: EditorNode, calibration: Calibration, isOpen: boolean): HTMLElement[] {
  const { rows } = calibration;
  const verdict = verdictOf(calibration);
  const lines = [verdict, '', ...rows.map((measured) => `${itemOf(measured)}: ${valueOf(measured)}`)];
  return [
    heading(say('label.runCalibration')),
    element(
      'details',
      isOpen ? { open: '' } : {},
      element('summary', {}, summaryOf(calibration)),
      note(verdict),
      element('ul', { id: 'qfwd-measured', class: 'qfwd-findings' }, ...rows.map(row)),
      copier(node, say('calibration.heading'), lines),
    ),
  ];
}

/** In one line. */
function summaryOf({ firmware, firmwareNow, obstacle, binary }: Calibration): string {
  const verdict = firmwareNow !== undefined ? 'outdated' : obstacle !== undefined ? 'obstacle' : binary;
  return say('calibration.summary', {
    firmware: firmware || '?',
    verdict: say(`calibration.brief.${verdict}`),
  });
}

function verdictOf({ firmware, firmwareNow, obstacle, binary }: Calibration): string {
  if (firmwareNow !== undefined)
    return say('calibration.outdated', { before: firmware || '?', now: firmwareNow });
  if (obstacle !== undefined) return say('calibration.obstacle', { reason: obstacle });
  return say(`calibration.binary.${binary}`);
}

function row(measured: Measured): HTMLElement {
  const isKnown = measured.word !== 'unknown';
  return element(
    'li',
    { class: `qfwd-finding ${isKnown ? 'qfwd-ok' : 'qfwd-skip'}`, 'data-item': measured.item },
    icon(isKnown ? 'check' : 'minus'),
    element(
      'div',
      {},
      element('b', {}, itemOf(measured)),
      element('span', { class: 'qfwd-sr-only' }, ': '),
      element('span', { class: 'qfwd-value' }, valueOf(measured)),
    ),
  );
}

function itemOf({ item }: Measured): string {
  return say(`calibration.item.${item}`);
}

function valueOf({ value, unit, word }: Measured): string {
  if (word !== undefined) return say(`calibration.word.${word}`);
  return unit === undefined ? value : `${value} ${say(`unit.${unit}`)}`;
}
