import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name } from '../editor/properties';
import { labelsOf } from '../editor/text';
import { command, wholeNumber } from '../editor/validators';

interface AtProperties {
  name: string;
  modem: string;
  command: string;
  timeout: number | '';
}

const label = labelsOf('qfwd-at');

RED.nodes.registerType<AtProperties>('qfwd-at', {
  ...look('qfwd-at'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-at'),
    command: { value: '', label: label('command'), validate: command },
    timeout: { value: '', label: label('timeout'), validate: wholeNumber(100, 600000, 'optional') },
  },
  label() {
    return this.name || this.command || this.type;
  },
  oneditsave() {
    saveNumbers(this, 'timeout');
  },
});
