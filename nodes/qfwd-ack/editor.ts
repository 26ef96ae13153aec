import { prepareForm, saveNumbers } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';
import { wholeNumber } from '../editor/validators';

interface AckProperties {
  name: string;
  modem: string;
  socketId: number | '';
}

const label = labelsOf('qfwd-ack');

RED.nodes.registerType<AckProperties>('qfwd-ack', {
  category,
  color,
  icon: 'qfwd-ack.svg',
  paletteLabel: 'ack',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    socketId: { value: '', label: label('socketId'), validate: wholeNumber(1, 65535, 'optional') },
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
