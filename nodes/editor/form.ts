/** A reference to an environment variable, which must be the whole value (Node-RED). Only the runtime knows its value. */
export function isEnvironment(value: unknown): value is string {
  return typeof value === 'string' && /^\$\{[^}]+\}$/.test(value);
}

/** A string or number property as shown in a text field; empty for other types. */
export function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The id of a property's field in the edit dialog. */
function fieldId(node: EditorNode, property: string): string {
  return `${node._def.category === 'config' ? 'node-config-input' : 'node-input'}-${property}`;
}

export function field(node: EditorNode, property: string): JQuery {
  return $(`#${fieldId(node, property)}`);
}

/**
 * The current value of a property: from the dialog while this node is being edited, otherwise from the flow.
 * Only for nodes whose dialog was set up by {@link prepareForm}.
 */
export function current(node: EditorNode, property: string): unknown {
  const editing = field(node, 'name').data('qfwdNode') === node.id;
  return editing ? field(node, property).val() : node[property];
}

/** Shows the relevant rows of the form, and expands groups that contain a changed setting. */
export function prepareForm(node: EditorNode): void {
  field(node, 'name').data('qfwdNode', node.id);
  const form = field(node, 'name').closest('form');
  fillIn(node);
  form.find('select').each((_, select) => {
    keepEnvironment(node, select);
  });
  form.find('[data-when]').each((_, row) => {
    showWhen(node, row);
  });
  form.find('details').each((_, group) => {
    group.open = $(group)
      .find('[id]')
      .get()
      .some((element) => isChanged(node, element.id));
  });
}

/** The editor replaces the field by others, which the label of the form does not belong to. */
export function nameTypedInput(input: JQuery, label: string): void {
  input.siblings('.red-ui-typedInput-container').find('input, button').attr('aria-label', label);
}

/** Stores numbers as numbers; the editor would store a changed field as a string. */
export function saveNumbers(node: EditorNode, ...properties: string[]): void {
  for (const property of properties) {
    const value = field(node, property).val();
    if (typeof value === 'string' && /^\s*\d+\s*$/.test(value)) node[property] = Number(value);
  }
}

/** A flow from an earlier version lacks newer properties: shows their defaults, which the runtime uses as well. */
function fillIn(node: EditorNode): void {
  for (const [property, { value }] of Object.entries(node._def.defaults)) {
    const input = field(node, property);
    if (node[property] !== undefined || !input.is('select, input, textarea')) continue;
    if (input.is(':checkbox')) input.prop('checked', value === true);
    else input.val(asText(value));
  }
}

/** A select has no option for `${NAME}`: adds the stored one, so that it is shown and kept. */
function keepEnvironment(node: EditorNode, select: HTMLSelectElement): void {
  const stored = node[select.id.slice(fieldId(node, '').length)];
  if (isEnvironment(stored)) $(select).append($('<option>').val(stored).text(stored)).val(stored);
}

/** `data-when="property=value other"` shows a row only while that property has one of these values. */
function showWhen(node: EditorNode, row: HTMLElement): void {
  const [property = '', values = ''] = (row.dataset.when ?? '').split('=');
  const control = field(node, property);
  const update = () => $(row).toggle(values.split(' ').includes(String(control.val())));
  control.on('change', update);
  update();
}

function isChanged(node: EditorNode, id: string): boolean {
  const property = id.slice(fieldId(node, '').length);
  const definition = node._def.defaults[property];
  const value = node[property];
  return definition !== undefined && value !== undefined && asText(value) !== asText(definition.value);
}
