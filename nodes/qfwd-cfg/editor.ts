import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, socketId } from '../editor/properties';

interface CfgProperties {
  name: string;
  modem: string;
  socketId: number | '';
  urcPort: '' | 'usbat' | 'usbmodem' | 'uart1';
}

RED.nodes.registerType<CfgProperties>('qfwd-cfg', {
  ...look('qfwd-cfg'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-cfg'),
    socketId: socketId('qfwd-cfg'),
    urcPort: { value: '' },
  },
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
