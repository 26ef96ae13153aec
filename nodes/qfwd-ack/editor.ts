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

interface AckProperties {
  name: string;
  modem: string;
  socketId: number | '';
}

RED.nodes.registerType<AckProperties>('qfwd-ack', {
  category,
  color,
  icon: 'qfwd-ack.svg',
  paletteLabel: typeLabel('qfwd-ack'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-ack'),
    socketId: socketId('qfwd-ack'),
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
