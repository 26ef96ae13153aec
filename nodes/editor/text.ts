const packageName = '@qfwd/node-red-quectel';

type Variables = Readonly<Record<string, string | number>>;

/** The text at `key` below the node type in the catalog of the node's set; `__name__` is filled in from `variables`. */
export function text(node: EditorNode, key: string, variables?: Variables): string {
  return node._(`${node.type}.${key}`, variables);
}

/** The same without a node of the type. */
export function catalogText(type: string, key: string, variables?: Variables): string {
  return RED._(`${packageName}/${type}:${type}.${key}`, variables);
}

/** Looks up the labels of a type's properties while the type is being registered. */
export function labelsOf(type: string): (property: string) => string {
  return (property) => catalogText(type, `label.${property}`);
}
