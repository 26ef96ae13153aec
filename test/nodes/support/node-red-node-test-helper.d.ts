/** The part of the helper that the tests use; it brings no types of its own. */
declare module 'node-red-node-test-helper' {
  import type { Node, NodeInitializer } from 'node-red';

  interface Question extends Promise<{ readonly body: unknown }> {
    expect(status: number): this;
    expect(field: string, value: string): this;
    set(field: string, value: string): this;
  }

  const helper: {
    load(types: NodeInitializer[], flow: object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    /** Sets settings of Node-RED other than the usual ones, for what is loaded from now on. */
    settings(settings: object): void;
    getNode(id: string): Node | null;
    /** Asks the admin API, by supertest. */
    request(): { get(address: string): Question; post(address: string): Question };
  };
  export = helper;
}
