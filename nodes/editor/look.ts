/** What all nodes of the palette category have in common. */
export const category = 'Quectel';
export const color = '#5FB0A5';

/** Named nodes stand in italics, as Node-RED's own do. */
export function labelStyle(this: { name: string }): string {
  return this.name ? 'node_label_italic' : '';
}
