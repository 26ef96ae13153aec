/** The part of the helper that the tests use; it brings no types of its own. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeInitializer } from 'node-red';

  const helper: {
    load(types: NodeInitializer[], flow: object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node | null;
  };
  export = helper;
}
