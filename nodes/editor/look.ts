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
