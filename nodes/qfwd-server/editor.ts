import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, pdpCid, socketId } from '../editor/properties';
import { labelsOf } from '../editor/text';
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
  /** The id of a core `tls-config` node. */
  tls: string;
  pdpCid: number | '';
  urcPort: '' | 'usbat' | 'usbmodem' | 'uart1';
  allow: string;
  maxClients: number;
  autoOpen: boolean;
}

const label = labelsOf('qfwd-server');

RED.nodes.registerType<ServerProperties>('qfwd-server', {
  ...look('qfwd-server'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-server'),
    socketId: socketId('qfwd-server'),
    protocol: { value: 'tcp' },
    ipVersion: { value: 'IP' },
    port: { value: '', label: label('port'), validate: wholeNumber(1, 65535) },
    backlog: { value: 5, label: label('backlog'), validate: wholeNumber(1, 10) },
    idleTimeout: { value: 3600, label: label('idleTimeout'), validate: wholeNumber(0, 65535) },
    tls: { value: '', type: 'tls-config', required: false, label: label('tls') },
    pdpCid: pdpCid('qfwd-server'),
    urcPort: { value: '' },
    allow: { value: '', label: label('allow'), validate: addresses },
    maxClients: { value: 0, label: label('maxClients'), validate: wholeNumber(0, 65535) },
    autoOpen: { value: true },
  },
  label() {
    return this.name || (this.port ? `${this.protocol} :${this.port}` : this.type);
  },
  oneditsave() {
    saveNumbers(this, 'socketId', 'port', 'backlog', 'idleTimeout', 'pdpCid', 'maxClients');
  },
});
