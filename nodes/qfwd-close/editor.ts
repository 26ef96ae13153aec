import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, socketId } from '../editor/properties';

interface CloseProperties {
  name: string;
  modem: string;
  socketId: number | '';
  accepted: boolean;
}

RED.nodes.registerType<CloseProperties>('qfwd-close', {
  ...look('qfwd-close'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-close'),
    socketId: socketId('qfwd-close'),
    accepted: { value: false },
  },
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
