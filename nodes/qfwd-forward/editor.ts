import { isLoopback } from '../../src/forward/loopback';
import { asText, field, prepareForm, saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, pdpCid } from '../editor/properties';
import { labelsOf } from '../editor/text';
import { addresses, unless, wholeNumber, word } from '../editor/validators';

interface ForwardProperties {
  name: string;
  modem: string;
  mode: 'inward' | 'outward' | 'proxy';
  listenHost: string;
  listenPort: number | '';
  host: string;
  port: number | '';
  ipVersion: 'IP' | 'IPV6';
  pdpCid: number | '';
  allow: string;
  maxClients: number;
  idleTimeout: number;
  autoOpen: boolean;
}

const label = labelsOf('qfwd-forward');

RED.nodes.registerType<ForwardProperties>('qfwd-forward', {
  ...look('qfwd-forward'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-forward'),
    mode: { value: 'inward' },
    listenHost: { value: '127.0.0.1', label: label('listenHost'), validate: unless('mode', 'inward', word) },
    listenPort: { value: '', label: label('listenPort'), validate: wholeNumber(1, 65535) },
    host: { value: '', label: label('host'), validate: unless('mode', 'proxy', word) },
    port: { value: '', label: label('port'), validate: unless('mode', 'proxy', wholeNumber(1, 65535)) },
    ipVersion: { value: 'IP' },
    pdpCid: pdpCid('qfwd-forward'),
    allow: { value: '', label: label('allow'), validate: addresses },
    maxClients: { value: 0, label: label('maxClients'), validate: wholeNumber(0, 65535) },
    idleTimeout: { value: 600, label: label('idleTimeout'), validate: wholeNumber(0, 1_000_000) },
    autoOpen: { value: true },
  },
  label() {
    const { name: given, mode, listenPort, host, port } = this;
    if (given || !listenPort) return given || this.type;
    if (mode === 'proxy') return `proxy :${listenPort}`;
    return `:${listenPort} → ${host}:${port}`;
  },
  oneditprepare() {
    prepareForm(this);
    const listenHost = field(this, 'listenHost');
    const warning = listenHost.siblings('.qfwd-exposed');
    const update = () => {
      const host = asText(listenHost.val()).trim();
      warning.toggle(host !== '' && !isLoopback(host));
    };
    listenHost.on('change keyup', update);
    update();
  },
  oneditsave() {
    saveNumbers(this, 'listenPort', 'port', 'pdpCid', 'maxClients', 'idleTimeout');
  },
});
