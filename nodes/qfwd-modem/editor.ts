import { field, nameTypedInput, prepareForm, saveNumbers } from '../editor/form';
import { labelStyle } from '../editor/look';
import { name } from '../editor/properties';
import { labelsOf, text } from '../editor/text';
import {
  commands,
  filled,
  jsonObject,
  pin,
  quotable,
  stored,
  when,
  wholeNumber,
  word,
} from '../editor/validators';
import { prepareCalibration } from './editor/calibrate';
import { prepareDiagnosis } from './editor/diagnose';
import { preparePortPicker } from './editor/port-picker';
import { prepareSecretWarning } from './editor/secret-warning';
import { addSidebar, removeSidebar } from './editor/sidebar';

interface ModemProperties {
  name: string;
  transport: 'serial' | 'tcp' | 'simulator';
  path: string;
  baudRate: number;
  rtscts: boolean;
  host: string;
  port: number | '';
  secondPath: string;
  parallel: boolean;
  urcPort: 'usbat' | 'usbmodem' | 'uart1';
  pdpCid: number;
  init: string;
  waitForNetwork: boolean;
  payloadMode: 'auto' | 'raw' | 'hex';
  dialect: 'auto' | 'manual' | 'example';
  commands: 'auto' | 'qfwd' | 'tcpip';
  apn: string;
  apnUser: string;
  apnAuth: 'none' | 'pap' | 'chap' | 'either';
  apnType: 'IP' | 'IPV6' | 'IPV4V6';
  commandTimeout: number;
  openTimeout: number;
  queueLimit: number;
  simulator: object | string;
  calibrate: boolean;
  trace: boolean;
  traceFile: string;
}

const label = labelsOf('qfwd-modem');

RED.nodes.registerType<ModemProperties>('qfwd-modem', {
  category: 'config',
  defaults: {
    name,
    transport: { value: 'serial' },
    path: { value: '', label: label('path'), validate: when('transport', 'serial', filled) },
    baudRate: {
      value: 115200,
      label: label('baudRate'),
      validate: when('transport', 'serial', wholeNumber(300, 4000000)),
    },
    rtscts: { value: false },
    host: { value: '', label: label('host'), validate: when('transport', 'tcp', word) },
    port: { value: '', label: label('port'), validate: when('transport', 'tcp', wholeNumber(1, 65535)) },
    secondPath: { value: '' },
    parallel: { value: false },
    urcPort: { value: 'usbat' },
    pdpCid: { value: 0, label: label('pdpCid'), validate: wholeNumber(0, 16, 'optional') },
    init: { value: '', label: label('init'), validate: commands },
    waitForNetwork: { value: false },
    payloadMode: { value: 'auto' },
    dialect: { value: 'auto' },
    commands: { value: 'auto' },
    apn: { value: '', label: label('apn'), validate: quotable(99) },
    apnUser: { value: '', label: label('apnUser'), validate: quotable() },
    apnAuth: { value: 'none' },
    apnType: { value: 'IP' },
    commandTimeout: { value: 5000, label: label('commandTimeout'), validate: wholeNumber(100, 600000) },
    openTimeout: { value: 150000, label: label('openTimeout'), validate: wholeNumber(1000, 600000) },
    queueLimit: { value: 1048576, label: label('queueLimit'), validate: wholeNumber(1024, 1073741824) },
    simulator: {
      value: {},
      label: label('simulator'),
      validate: when('transport', 'simulator', jsonObject),
    },
    calibrate: { value: false },
    trace: { value: false },
    traceFile: { value: '' },
  },
  credentials: {
    pin: { type: 'password', label: label('pin'), validate: pin },
    apnPassword: { type: 'password', label: label('apnPassword'), validate: stored(quotable()) },
    secretInit: { type: 'password', label: label('secretInit'), validate: stored(commands) },
  },
  label() {
    if (this.name) return this.name;
    if (this.transport === 'tcp') return `tcp ${this.host}:${this.port}`;
    if (this.transport === 'simulator') return simulatorLabel(this);
    return this.path.slice(this.path.lastIndexOf('/') + 1) || 'qfwd-modem';
  },
  labelStyle,
  onpaletteadd: addSidebar,
  onpaletteremove: removeSidebar,
  oneditprepare() {
    const options = typeof this.simulator === 'string' ? this.simulator : JSON.stringify(this.simulator);
    const simulatorOptions = field(this, 'simulatorOptions')
      .val(options)
      .typedInput({ types: ['json'] });
    nameTypedInput(simulatorOptions, text(this, 'label.simulator'));
    // The editor does not copy a default of 0 into a new config node.
    if (field(this, 'pdpCid').val() === '') field(this, 'pdpCid').val(0);
    prepareForm(this);
    prepareSecretWarning(this);
    preparePortPicker(this, 'path');
    preparePortPicker(this, 'secondPath');
    prepareDiagnosis(this);
    prepareCalibration(this);
  },
  oneditsave() {
    this.simulator = parsed(field(this, 'simulatorOptions').typedInput('value'));
    saveNumbers(this, 'baudRate', 'port', 'pdpCid', 'commandTimeout', 'openTimeout', 'queueLimit');
  },
});

/** Text that is not JSON is kept, so that the validator rejects it. */
function parsed(options: string): object | string {
  try {
    return JSON.parse(options) as object;
  } catch {
    return options;
  }
}

/** Simulators without a name are told apart by a part of their ids. */
function simulatorLabel(node: EditorNode): string {
  const label = text(node, 'option.simulator');
  let count = 0;
  RED.nodes.eachConfig(({ type, transport, name: given }) => {
    if (type === node.type && transport === 'simulator' && given === '') count++;
  });
  return count > 1 ? `${label} ${node.id.slice(-4)}` : label;
}
