import { saveNumbers } from '../editor/form';
import {
  addKeywords,
  category,
  color,
  inputLabel,
  labelStyle,
  openForm,
  outputLabel,
  takeOnlyModem,
  typeLabel,
} from '../editor/look';
import { modem, name } from '../editor/properties';
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
  paletteLabel: typeLabel('qfwd-at'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-at'),
    command: { value: '', label: label('command'), validate: command },
    timeout: { value: '', label: label('timeout'), validate: wholeNumber(100, 600000, 'optional') },
  },
  inputs: 1,
  outputs: 1,
  inputLabels: inputLabel,
  outputLabels: outputLabel,
  label() {
    return this.name || this.command || text(this, 'node.label');
  },
  labelStyle,
  oneditprepare: openForm,
  oneditsave() {
    saveNumbers(this, 'timeout');
  },
});
