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
import { modem, name, pdpCid, socketId } from '../editor/properties';
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
  /** The id of a core `tls-config` node. */
  tls: string;
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
  paletteLabel: typeLabel('qfwd-client'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-client'),
    socketId: socketId('qfwd-client'),
    protocol: { value: 'tcp' },
    ipVersion: { value: 'IP' },
    host: { value: '', label: label('host'), validate: word },
    port: { value: '', label: label('port'), validate: wholeNumber(1, 65535) },
    tls: { value: '', type: 'tls-config', required: false, label: label('tls') },
    pdpCid: pdpCid('qfwd-client'),
    urcPort: { value: '' },
    autoOpen: { value: true },
    reconnect: { value: true },
  },
  inputs: 1,
  outputs: 1,
  inputLabels: inputLabel,
  outputLabels: outputLabel,
  label() {
    return this.name || (this.host ? `${this.protocol} ${this.host}:${this.port}` : text(this, 'node.label'));
  },
  labelStyle,
  oneditprepare: openForm,
  oneditsave() {
    saveNumbers(this, 'socketId', 'port', 'pdpCid');
  },
});
