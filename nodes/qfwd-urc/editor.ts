import { field, prepareForm } from '../editor/form';
import { look } from '../editor/look';
import { modem, name } from '../editor/properties';

interface UrcProperties {
  name: string;
  modem: string;
  events: string[];
}

RED.nodes.registerType<UrcProperties>('qfwd-urc', {
  ...look('qfwd-urc'),
  defaults: {
    name,
    modem: modem('qfwd-urc'),
    events: { value: [] },
  },
  inputs: 0,
  oneditprepare() {
    field(this, 'eventList').find('input').val(this.events);
    prepareForm(this);
  },
  oneditsave() {
    const ticked = field(this, 'eventList').find<HTMLInputElement>('input:checked').get();
    this.events = ticked.map((box) => box.value);
  },
});
