import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name } from '../editor/properties';
import { labelsOf } from '../editor/text';
import { when, wholeNumber } from '../editor/validators';

interface StateProperties {
  name: string;
  modem: string;
  scope: 'server' | 'servers' | 'clients' | 'modem';
  socketId: number | '';
}

const label = labelsOf('qfwd-state');

RED.nodes.registerType<StateProperties>('qfwd-state', {
  ...look('qfwd-state'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-state'),
    scope: { value: 'server' },
    socketId: {
      value: '',
      label: label('socketId'),
      validate: when('scope', 'server', wholeNumber(0, 65535, 'optional')),
    },
  },
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
