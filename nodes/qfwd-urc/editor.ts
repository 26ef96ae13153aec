import { field, prepareForm } from '../editor/form';
import { category, color, labelStyle } from '../editor/look';
import { labelsOf, text } from '../editor/text';

interface UrcProperties {
  name: string;
  modem: string;
  events: string[];
}

const label = labelsOf('qfwd-urc');

RED.nodes.registerType<UrcProperties>('qfwd-urc', {
  category,
  color,
  icon: 'qfwd-urc.svg',
  paletteLabel: 'urc',
  defaults: {
    name: { value: '' },
    modem: { value: '', type: 'qfwd-modem', required: true, label: label('modem') },
    events: { value: [] },
  },
  inputs: 0,
  outputs: 1,
  outputLabels() {
    return text(this, 'port.output');
  },
  label() {
    return this.name || text(this, 'node.label');
  },
  labelStyle,
  oneditprepare() {
    field(this, 'eventList').find('input').val(this.events);
    prepareForm(this);
  },
  oneditsave() {
    const ticked = field(this, 'eventList').find<HTMLInputElement>('input:checked').get();
    this.events = ticked.map((box) => box.value);
  },
});
