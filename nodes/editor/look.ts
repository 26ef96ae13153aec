/** Appearance and dialog behavior of the nodes in the palette category. */
import { prepareForm } from './form';
import { text } from './text';

/** The definition that all types share; a type may override parts of it. */
export function look(type: string) {
  return {
    category: 'Quectel',
    color: '#5FB0A5',
    icon: `${type}.svg`,
    paletteLabel: type,
    onpaletteadd: addKeywords,
    onadd: takeOnlyModem,
    outputs: 1,
    outputLabels: outputLabel,
    label: nodeLabel,
    labelStyle,
    oneditprepare: openForm,
  };
}

/** The definition that all types with an input share. */
export const input = {
  inputs: 1,
  inputLabels(this: EditorNode): string {
    return text(this, 'port.input');
  },
};

/** The label of a node: its name or its type. */
function nodeLabel(this: { name: string } & EditorNode): string {
  return this.name || this.type;
}

/** The label of a named node is in italics, as for Node-RED's own nodes. */
export function labelStyle(this: { name: string }): string {
  return this.name ? 'node_label_italic' : '';
}

function outputLabel(this: EditorNode): string {
  return text(this, 'port.output');
}

/** Called when the dialog of a node opens. */
function openForm(this: EditorNode): void {
  prepareForm(this);
}

/** Additional search terms: the palette searches only types and labels. */
const KEYWORDS = 'quectel tcp udp socket modem lte 4g serial ec20 ec21 ec25';

/** Called when a type was added to the palette. */
function addKeywords(this: { readonly type?: string }): void {
  const entry = $(`.red-ui-palette-node[data-palette-type="${this.type ?? ''}"]`);
  const label = entry.attr('data-palette-label') ?? '';
  entry.attr('data-palette-label', `${label} ${KEYWORDS}`);
  putOnOneLine(entry, label);
}

/** The palette puts spaces around hyphens, and wraps labels although there is room for them. */
function putOnOneLine(entry: JQuery, label: string): void {
  entry.find('.red-ui-palette-label').text(label).css('white-space', 'nowrap');
  // As the palette does it for a label of one line.
  entry.css('height', '28px').find('.red-ui-palette-port').css('top', '9px');
}

/** Called when a node was added to a flow: selects the modem if there is only one. */
function takeOnlyModem(this: { modem: string } & EditorNode): void {
  const usable: string[] = [];
  RED.nodes.eachConfig(({ type, id, z = '', d }) => {
    // A modem of a subflow or tab can be used there only.
    if (type === 'qfwd-modem' && d !== true && (z === '' || z === this.z)) usable.push(id);
  });
  const [only, ...others] = usable;
  if (this.modem === '' && only !== undefined && others.length === 0) this.modem = only;
}
