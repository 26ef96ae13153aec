import { prepareForm, saveNumbers } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';
import { command, wholeNumber } from '../editor/validators';

interface AtProperties {
  name: string;
  modem: string;
  command: string;
  timeout: number | '';
}

const label = labelsOf('qfwd-at');

RED.nodes.registerType<AtProperties>('qfwd-at', {
  category,
  color,
  icon: 'qfwd-at.svg',
  paletteLabel: 'at',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    command: { value: '', label: label('command'), validate: command },
    timeout: { value: '', label: label('timeout'), validate: wholeNumber(100, 600000, 'optional') },
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
    return this.name || this.command || text(this, 'node.label');
  },
  labelStyle,
  oneditprepare() {
    prepareForm(this);
  },
  oneditsave() {
    saveNumbers(this, 'timeout');
  },
});
