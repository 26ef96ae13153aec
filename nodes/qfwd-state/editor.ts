import { saveNumbers } from '../editor/form';
import {
  addKeywords,
  category,
  color,
  inputLabel,
  labelStyle,
  nodeLabel,
  openForm,
  outputLabel,
  takeOnlyModem,
  typeLabel,
} from '../editor/look';
import { modem, name } from '../editor/properties';
import { labelsOf } from '../editor/text';
import { when, wholeNumber } from '../editor/validators';

interface StateProperties {
  name: string;
  modem: string;
  scope: 'server' | 'servers' | 'clients' | 'modem';
  socketId: number | '';
}

const label = labelsOf('qfwd-state');

RED.nodes.registerType<StateProperties>('qfwd-state', {
  category,
  color,
  icon: 'qfwd-state.svg',
  paletteLabel: typeLabel('qfwd-state'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-state'),
    scope: { value: 'server' },
    socketId: {
      value: '',
      label: label('socketId'),
      validate: when('scope', 'server', wholeNumber(0, 65535, 'optional')),
    },
  },
  inputs: 1,
  outputs: 1,
  inputLabels: inputLabel,
  outputLabels: outputLabel,
  label: nodeLabel,
  labelStyle,
  oneditprepare: openForm,
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
