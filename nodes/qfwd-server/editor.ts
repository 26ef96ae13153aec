import { prepareForm, saveNumbers } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';
import { addresses, wholeNumber } from '../editor/validators';

interface ServerProperties {
  name: string;
  modem: string;
  socketId: number | '';
  protocol: 'tcp' | 'udp';
  ipVersion: 'IP' | 'IPV6';
  port: number | '';
  backlog: number;
  idleTimeout: number;
  pdpCid: number | '';
  urcPort: '' | 'usbat' | 'usbmodem' | 'uart1';
  allow: string;
  maxClients: number;
  autoOpen: boolean;
}

const label = labelsOf('qfwd-server');

RED.nodes.registerType<ServerProperties>('qfwd-server', {
  category,
  color,
  icon: 'qfwd-server.svg',
  paletteLabel: 'server',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    socketId: { value: '', label: label('socketId'), validate: wholeNumber(1, 65535, 'optional') },
    protocol: { value: 'tcp' },
    ipVersion: { value: 'IP' },
    port: { value: '', label: label('port'), validate: wholeNumber(1, 65535) },
    backlog: { value: 5, label: label('backlog'), validate: wholeNumber(1, 10) },
    idleTimeout: { value: 60, label: label('idleTimeout'), validate: wholeNumber(1, 65535) },
    pdpCid: { value: '', label: label('pdpCid'), validate: wholeNumber(0, 16, 'optional') },
    urcPort: { value: '' },
    allow: { value: '', label: label('allow'), validate: addresses },
    maxClients: { value: 0, label: label('maxClients'), validate: wholeNumber(0, 65535) },
    autoOpen: { value: true },
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
    return this.name || (this.port ? `${this.protocol} :${this.port}` : 'server');
  },
  labelStyle,
  oneditprepare() {
    prepareForm(this);
  },
  oneditsave() {
    saveNumbers(this, 'socketId', 'port', 'backlog', 'idleTimeout', 'pdpCid', 'maxClients');
  },
});
