import { prepareForm, saveNumbers } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';
import { wholeNumber, word } from '../editor/validators';

interface ClientProperties {
  name: string;
  modem: string;
  socketId: number | '';
  protocol: 'tcp' | 'udp';
  ipVersion: 'IP' | 'IPV6';
  host: string;
  port: number | '';
  pdpCid: number | '';
  urcPort: '' | 'usbat' | 'usbmodem' | 'uart1';
  autoOpen: boolean;
  reconnect: boolean;
}

const label = labelsOf('qfwd-client');

RED.nodes.registerType<ClientProperties>('qfwd-client', {
  category,
  color,
  icon: 'qfwd-client.svg',
  paletteLabel: 'client',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    socketId: { value: '', label: label('socketId'), validate: wholeNumber(1, 65535, 'optional') },
    protocol: { value: 'tcp' },
    ipVersion: { value: 'IP' },
    host: { value: '', label: label('host'), validate: word },
    port: { value: '', label: label('port'), validate: wholeNumber(1, 65535) },
    pdpCid: { value: '', label: label('pdpCid'), validate: wholeNumber(0, 16, 'optional') },
    urcPort: { value: '' },
    autoOpen: { value: true },
    reconnect: { value: true },
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
    return this.name || (this.host ? `${this.protocol} ${this.host}:${this.port}` : 'client');
  },
  labelStyle,
  oneditprepare() {
    prepareForm(this);
  },
  oneditsave() {
    saveNumbers(this, 'socketId', 'port', 'pdpCid');
  },
});
