/** Appearance and dialog behavior that all nodes of the palette category share. */
import { prepareForm } from './form';
import { catalogText, text } from './text';

export const category = 'Quectel';
export const color = '#5FB0A5';

/** What the palette calls a type, and what a node of it without a name is called. */
export function typeLabel(type: string): string {
  return catalogText(type, 'node.label');
}

export function nodeLabel(this: { name: string } & EditorNode): string {
  return this.name || text(this, 'node.label');
}

/** The label of a named node is in italics, as for Node-RED's own nodes. */
export function labelStyle(this: { name: string }): string {
  return this.name ? 'node_label_italic' : '';
}

export function inputLabel(this: EditorNode): string {
  return text(this, 'port.input');
}

export function outputLabel(this: EditorNode): string {
  return text(this, 'port.output');
}

/** Called when the dialog of a node opens. */
export function openForm(this: EditorNode): void {
  prepareForm(this);
}

/** What people may search the palette for; it looks at types and labels only. */
const KEYWORDS = 'quectel tcp udp socket modem lte 4g serial ec20 ec21 ec25';

/** Called when a type was added to the palette. */
export function addKeywords(this: { readonly type?: string }): void {
  const entry = $(`.red-ui-palette-node[data-palette-type="${this.type ?? ''}"]`);
  const label = entry.attr('data-palette-label') ?? '';
  entry.attr('data-palette-label', `${label} ${KEYWORDS}`);
  putOnOneLine(entry, label);
}

/** The palette wraps longer labels than this one's, although there is room for it. */
function putOnOneLine(entry: JQuery, label: string): void {
  const line = entry.find('.red-ui-palette-label');
  if (line.find('br').length === 0) return;
  line.text(label).css('white-space', 'nowrap');
  // As the palette does it for a label of one line.
  entry.css('height', '28px').find('.red-ui-palette-port').css('top', '9px');
}

/** Called when a node was added to a flow: if there is only one modem, it is that. */
export function takeOnlyModem(this: { modem: string } & EditorNode): void {
  const usable: string[] = [];
  RED.nodes.eachConfig(({ type, id, z = '', d }) => {
    // A modem of a subflow or tab can be used there only.
    if (type === 'qfwd-modem' && d !== true && (z === '' || z === this.z)) usable.push(id);
  });
  const [only, ...others] = usable;
  if (this.modem === '' && only !== undefined && others.length === 0) this.modem = only;
}
