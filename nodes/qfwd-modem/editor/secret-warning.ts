import { asText, field } from '../../editor/form';
import { say } from './say';
import { secretLine } from './secret-lines';

/** Warns below the start commands while one of them looks secret. */
export function prepareSecretWarning(node: EditorNode): void {
  const init = field(node, 'init');
  const warning = init.closest('.form-row').find('.qfwd-warning');
  const update = (): void => {
    const line = secretLine(asText(init.val()));
    warning.toggle(line !== undefined).text(line === undefined ? '' : say('hint.secretLine', { line }));
  };
  init.on('input change', update);
  update();
}
