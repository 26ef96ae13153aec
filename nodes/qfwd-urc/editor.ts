import { field, prepareForm } from '../editor/form';
import {
  addKeywords,
  category,
  color,
  labelStyle,
  nodeLabel,
  outputLabel,
  takeOnlyModem,
  typeLabel,
} from '../editor/look';
import { modem, name } from '../editor/properties';

interface UrcProperties {
  name: string;
  modem: string;
  events: string[];
}

RED.nodes.registerType<UrcProperties>('qfwd-urc', {
  category,
  color,
  icon: 'qfwd-urc.svg',
  paletteLabel: typeLabel('qfwd-urc'),
  onpaletteadd: addKeywords,
  onadd: takeOnlyModem,
  defaults: {
    name,
    modem: modem('qfwd-urc'),
    events: { value: [] },
  },
  inputs: 0,
  outputs: 1,
  outputLabels: outputLabel,
  label: nodeLabel,
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
