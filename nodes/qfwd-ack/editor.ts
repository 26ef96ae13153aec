import { saveNumbers } from '../editor/form';
import { input, look } from '../editor/look';
import { modem, name, socketId } from '../editor/properties';

interface AckProperties {
  name: string;
  modem: string;
  socketId: number | '';
}

RED.nodes.registerType<AckProperties>('qfwd-ack', {
  ...look('qfwd-ack'),
  ...input,
  defaults: {
    name,
    modem: modem('qfwd-ack'),
    socketId: socketId('qfwd-ack'),
  },
  oneditsave() {
    saveNumbers(this, 'socketId');
  },
});
