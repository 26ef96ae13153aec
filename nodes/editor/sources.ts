import { asText, field } from './form';
import { text } from './text';

const sourceTypes = ['qfwd-server', 'qfwd-client'];

/**
 * Fills `select` with the servers and clients of the modem chosen in the form, again whenever another one is chosen.
 * A stored id that is not among them stays selected and is marked, so that opening the dialog never loses it.
 */
export function prepareSources(node: EditorNode, select: JQuery, stored: string): void {
  const modem = field(node, 'modem');
  const fill = (chosen: string) => {
    const options = candidates(asText(modem.val())).map((source) =>
      option(source.id, describe(node, source)),
    );
    if (chosen !== '' && !options.some((entry) => entry.val() === chosen))
      options.push(foreign(node, chosen));
    if (chosen === '') options.unshift(option('', text(node, 'source.choose')));
    select.empty().append(options).val(chosen).trigger('change');
  };
  select.on('change', () => {
    select.toggleClass('input-error', RED.nodes.node(asText(select.val())) === undefined);
  });
  modem.on('change', () => {
    fill(asText(select.val()));
  });
  fill(stored);
}

function candidates(modem: string): EditorNode[] {
  return sourceTypes
    .flatMap((type) => RED.nodes.filterNodes({ type }))
    .filter((source) => source.modem === modem);
}

/** The node's label, with the flow it lies on unless that is this node's own. */
function describe(node: EditorNode, source: EditorNode): string {
  const label = `${source.type.replace('qfwd-', '')} · ${RED.utils.getNodeLabel(source, source.id)}`;
  if (source.z === undefined || source.z === node.z) return label;
  const flow = RED.nodes.workspace(source.z)?.label ?? RED.nodes.subflow(source.z)?.name ?? source.z;
  return `${label} (${flow})`;
}

function foreign(node: EditorNode, id: string): JQuery {
  const source = RED.nodes.node(id);
  const label = source
    ? text(node, 'source.otherModem', { name: describe(node, source) })
    : text(node, 'source.missing', { id });
  return option(id, label);
}

function option(value: string, label: string): JQuery {
  return $('<option>').val(value).text(label);
}
