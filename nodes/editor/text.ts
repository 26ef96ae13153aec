const packageName = '@qfwd/node-red-quectel';

/** The text at `key` below the node type in the catalog of the node's set; `__name__` is filled in from `variables`. */
export function text(node: EditorNode, key: string, variables?: Record<string, string | number>): string {
  return node._(`${node.type}.${key}`, variables);
}

/** Looks up the labels of a type's properties while the type is being registered. */
export function labelsOf(type: string): (property: string) => string {
  return (property) => RED._(`${packageName}/${type}:${type}.label.${property}`);
}
