import { asText, field, prepareForm, saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name } from '../editor/properties';
import { prepareSources } from '../editor/sources';
import { labelsOf } from '../editor/text';
import { existingNode, when, wholeNumber } from '../editor/validators';

interface SendProperties {
  name: string;
  modem: string;
  target: 'msg' | 'fixed' | 'node';
  socketId: number | '';
  source: string;
  confirm: boolean;
  closeAfter: boolean;
  timeout: number;
}

const label = labelsOf('qfwd-send');

RED.nodes.registerType<SendProperties>('qfwd-send', {
  ...look('qfwd-send'),
  ...input,
  align: 'right',
  defaults: {
    name,
    modem: modem('qfwd-send'),
    target: { value: 'msg' },
    socketId: {
      value: '',
      label: label('socketId'),
      validate: when('target', 'fixed', wholeNumber(0, 65535)),
    },
    source: {
      value: '',
      type: '(qfwd-server|qfwd-client)[]',
      label: label('source'),
      validate: when('target', 'node', existingNode),
    },
    confirm: { value: false },
    closeAfter: { value: false },
    timeout: { value: 30000, label: label('timeout'), validate: wholeNumber(100, 3600000) },
  },
  oneditprepare() {
    prepareSources(this, field(this, 'sourceNode'), this.source);
    prepareForm(this);
  },
  oneditsave() {
    this.source = asText(field(this, 'sourceNode').val());
    saveNumbers(this, 'socketId', 'timeout');
  },
});
