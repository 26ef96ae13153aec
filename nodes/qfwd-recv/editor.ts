import { asText, field, prepareForm, saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name } from '../editor/properties';
import { prepareSources } from '../editor/sources';
import { labelsOf, text } from '../editor/text';
import { existingNode, filled, when, wholeNumber } from '../editor/validators';

interface RecvProperties {
  name: string;
  modem: string;
  mode: 'auto' | 'request';
  from: 'any' | 'fixed' | 'node';
  socketId: number | '';
  source: string;
  output: 'buffer' | 'utf8' | 'base64';
  framing: 'stream' | 'delimiter' | 'length';
  delimiter: string;
  length: number | '';
  topic: string;
}

const label = labelsOf('qfwd-recv');

RED.nodes.registerType<RecvProperties>('qfwd-recv', {
  ...look('qfwd-recv'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-recv'),
    mode: { value: 'auto' },
    from: { value: 'any' },
    socketId: {
      value: '',
      label: label('socketId'),
      validate: when('mode', 'auto', when('from', 'fixed', wholeNumber(0, 65535))),
    },
    source: {
      value: '',
      type: '(qfwd-server|qfwd-client)[]',
      label: label('source'),
      validate: when('mode', 'auto', when('from', 'node', existingNode)),
    },
    output: { value: 'buffer' },
    framing: { value: 'stream' },
    delimiter: {
      value: '\\n',
      label: label('delimiter'),
      validate: when('mode', 'auto', when('framing', 'delimiter', filled)),
    },
    length: {
      value: '',
      label: label('length'),
      validate: when('mode', 'auto', when('framing', 'length', wholeNumber(1, 1048576))),
    },
    topic: { value: '' },
  },
  inputLabels() {
    return this.mode === 'request' ? text(this, 'port.request') : text(this, 'port.input');
  },
  oneditprepare() {
    prepareSources(this, field(this, 'sourceNode'), this.source);
    prepareForm(this);
  },
  oneditsave() {
    this.source = asText(field(this, 'sourceNode').val());
    saveNumbers(this, 'socketId', 'length');
  },
});
