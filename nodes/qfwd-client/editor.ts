import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, pdpCid, socketId } from '../editor/properties';
import { labelsOf } from '../editor/text';
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
  ...look('qfwd-client'),
  ...input,
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
  label() {
    return this.name || (this.host ? `${this.protocol} ${this.host}:${this.port}` : this.type);
  },
  oneditsave() {
    saveNumbers(this, 'socketId', 'port', 'pdpCid');
  },
});
