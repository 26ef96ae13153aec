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

interface CfgProperties {
  name: string;
  modem: string;
  socketId: number | '';
  urcPort: '' | 'usbat' | 'usbmodem' | 'uart1';
}

RED.nodes.registerType<CfgProperties>('qfwd-cfg', {
  category,
  color,
  icon: 'qfwd-cfg.svg',
  paletteLabel: typeLabel('qfwd-cfg'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-cfg'),
    socketId: socketId('qfwd-cfg'),
    urcPort: { value: '' },
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
