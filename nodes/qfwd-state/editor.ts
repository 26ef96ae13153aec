import { prepareForm, saveNumbers } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';
import { when, wholeNumber } from '../editor/validators';

interface StateProperties {
  name: string;
  modem: string;
  scope: 'server' | 'servers' | 'clients';
  socketId: number | '';
}

const label = labelsOf('qfwd-state');

RED.nodes.registerType<StateProperties>('qfwd-state', {
  category,
  color,
  icon: 'qfwd-state.svg',
  paletteLabel: 'state',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    scope: { value: 'server' },
    socketId: {
      value: '',
      label: label('socketId'),
      validate: when('scope', 'server', wholeNumber(1, 65535, 'optional')),
    },
  },
  inputs: 1,
  outputs: 1,
  inputLabels() {
    return text(this, 'port.input');
  },
  outputLabels() {
    return text(this, 'port.output');
  },
  label() {
    return this.name || text(this, 'node.label');
  },
  labelStyle,
  oneditprepare() {
    prepareForm(this);
  },
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
