/** The parts of Node-RED's editor API that these nodes use. */

/** A node as the editor holds it: its configuration properties and what the editor adds. */
interface EditorNode {
  readonly id: string;
  readonly type: string;
  /** The tab or subflow it lies on. */
  readonly z?: string;
  readonly _def: {
    readonly category: string;
    readonly defaults: Readonly<Record<string, NodeProperty<unknown>>>;
  };
  /** Looks `key` up in the message catalog of this node's set. */
  _(key: string, variables?: Readonly<Record<string, string | number>>): string;
  [property: string]: unknown;
}

/** True if valid, otherwise the reason. Node-RED accepts a reason only from a function with two parameters. */
type Validator = (this: EditorNode, value: unknown, options: { readonly label?: string }) => true | string;

interface NodeProperty<T> {
  value: T;
  /** Name of the property in the editor's own messages. */
  label?: string;
  required?: boolean;
  /** Node types this property refers to; a trailing `[]` leaves the form's field to the node. */
  type?: string;
  validate?: Validator;
}

interface NodeDefinition<T extends object> {
  category: string;
  defaults: { [K in keyof T]: NodeProperty<T[K]> };
  credentials?: Record<string, { type: 'text' | 'password'; label?: string; validate?: Validator }>;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  align?: 'left' | 'right';
  paletteLabel?: string;
  label: (this: T & EditorNode) => string;
  labelStyle?: (this: T & EditorNode) => string;
  inputLabels?: (this: T & EditorNode) => string;
  outputLabels?: (this: T & EditorNode) => string;
  /** Called when a node is added to a flow. */
  onadd?: (this: T & EditorNode) => void;
  oneditprepare?: (this: T & EditorNode) => void;
  oneditsave?: (this: T & EditorNode) => void;
  /** Called when the type is added to or enabled in the palette, or removed or disabled. */
  onpaletteadd?: (this: { readonly type?: string }) => void;
  onpaletteremove?: () => void;
}

interface SidebarTab {
  id: string;
  /** On the tab. */
  label: string;
  /** In menus and tooltips. */
  name: string;
  iconClass: string;
  content: HTMLElement;
  /** Stays usable while a node is edited. */
  enableOnEdit: boolean;
  /** Whether the tab is shown initially. */
  pinned: boolean;
  /** The action that shows it, for menus and shortcuts. */
  action: string;
}

declare const RED: {
  /** Looks up `namespace:key`, and fills in `__name__`. */
  _(key: string, variables?: Readonly<Record<string, string | number>>): string;
  actions: {
    add(name: string, action: () => void): void;
    remove(name: string): void;
  };
  clipboard: {
    copyText(text: string): boolean;
  };
  editor: {
    editConfig(name: string, type: string, id: string): void;
  };
  /** `lang`: of the editor, such as `de`. */
  i18n: { lang(): string };
  notify(text: string, options: { type: 'success' | 'warning' | 'error'; timeout?: number }): unknown;
  settings: { readonly version: string };
  user: {
    hasPermission(permission: string): boolean;
  };
  sidebar: {
    addTab(tab: SidebarTab): void;
    removeTab(id: string): void;
    show(id: string): void;
  };
  view: {
    reveal(id: string): void;
  };
  nodes: {
    registerType<T extends object>(type: string, definition: NodeDefinition<T>): void;
    node(id: string): EditorNode | undefined;
    filterNodes(filter: { type: string }): EditorNode[];
    eachConfig(visit: (node: EditorNode) => void): void;
    workspace(id: string): { readonly label?: string } | undefined;
    subflow(id: string): { readonly name?: string } | undefined;
    registry: {
      getNodeSetForType(type: string): { readonly version?: string } | undefined;
    };
  };
  utils: {
    getNodeLabel(node: EditorNode, fallback: string): string;
  };
};

interface JQuery {
  typedInput(options: { types: string[]; default?: string }): this;
  typedInput(method: 'value'): string;
  typedInput(method: 'value', value: string): this;
}
