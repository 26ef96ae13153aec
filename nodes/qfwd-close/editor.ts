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
import { modem, name, socketId } from '../editor/properties';

interface CloseProperties {
  name: string;
  modem: string;
  socketId: number | '';
  accepted: boolean;
}

RED.nodes.registerType<CloseProperties>('qfwd-close', {
  category,
  color,
  icon: 'qfwd-close.svg',
  paletteLabel: typeLabel('qfwd-close'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-close'),
    socketId: socketId('qfwd-close'),
    accepted: { value: false },
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
