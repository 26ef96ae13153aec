import { type Browser, chromium, type Page } from 'playwright-core';
import type { FlowNode } from '../../system/support/flows';
import { startNodeRed } from '../../system/support/node-red';
import type { Scope } from '../../system/support/scope';

const EXECUTABLE = '/usr/bin/chromium';
/** It runs as root and without a screen in CI, and must not look for updates. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** The editor animates its dialogs; a click on one that still moves would miss. */
const WITHOUT_MOTION = 'jQuery.fx.off = true';

const TABS = 'RED.nodes.getWorkspaceOrder().length';

/** A node as the editor has it. */
export interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly validationErrors: string[];
}

export interface EditorOptions {
  /** Of the browser, which the editor follows. */
  readonly locale?: string;
}

/** Node-RED's editor in a browser, on a flow. */
export class Editor {
  /** What went wrong in the page: uncaught errors, what it wrote to the console as such, and requests that failed. */
  readonly problems: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    page.on('requestfailed', (request) => this.problems.push(`no answer: ${request.url()}`));
    page.on('response', (response) => {
      if (response.status() >= 400) this.problems.push(`${response.status()}: ${response.url()}`);
    });
  }

  private static browser: Promise<Browser> | undefined;

  /** Starts Node-RED with this flow, and opens its editor; resolves once the flow is shown. */
  static async open(scope: Scope, flow: FlowNode[] = [], options: EditorOptions = {}): Promise<Editor> {
    const { url } = await startNodeRed(scope, flow);
    return Editor.show(scope, url, options);
  }

  /** Opens the editor of a Node-RED that runs. */
  static async show(scope: Scope, url: string, options: EditorOptions = {}): Promise<Editor> {
    // Playwright ends it with this process.
    Editor.browser ??= chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
    const browser = await Editor.browser;
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...options });
    scope.defer(() => page.close());
    const editor = new Editor(page);
    // A setting of the user, which Node-RED 5 keeps in the browser.
    await page.addInitScript("localStorage.setItem('view-dark-theme', 'auto')");
    await page.goto(url);
    await editor.whenLoaded();
    return editor;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.whenLoaded();
  }

  private async whenLoaded(): Promise<void> {
    const { page } = this;
    await page.waitForFunction('window.RED?.workspaces?.active()');
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    await page.evaluate(WITHOUT_MOTION);
  }

  /** Changes the theme, as far as the editor has one: Node-RED 4 knows light alone. */
  async useColors(colorScheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme });
    await this.page.waitForFunction(
      `parseInt(RED.settings.version) < 5 || $('html').hasClass('nr-theme-dark') === ${colorScheme === 'dark'}`,
    );
  }

  /** The flow and config nodes of all tabs. */
  nodes(): Promise<EditorNode[]> {
    return this.page.evaluate<EditorNode[]>(`(() => {
      const found = [];
      const add = ({ id, type, name, validationErrors }) =>
        void found.push({ id, type, name, validationErrors: validationErrors ?? [] });
      RED.nodes.eachNode(add);
      RED.nodes.eachConfig(add);
      return found;
    })()`);
  }

  /** The first node of a type. */
  async nodeOf(type: string): Promise<EditorNode> {
    const node = (await this.nodes()).find((candidate) => candidate.type === type);
    if (!node) throw new Error(`There is no ${type} in the editor`);
    return node;
  }

  /** The names of nodes on the current tab that are not whole in the first `width` pixels of it. */
  async nodesBeyond(width: number): Promise<string[]> {
    const inTab = 'RED.nodes.filterNodes({ z: RED.workspaces.active() })';
    // They are measured when they are drawn.
    await this.page.waitForFunction(`${inTab}.every(({ id }) => document.getElementById(id))`);
    return this.page.evaluate<string[]>(
      `${inTab}.filter(({ x, w }) => x - w / 2 < 30 || x + w / 2 > ${width}).map(({ type, name }) => name || type)`,
    );
  }

  /** Resolves once the first node of a type shows a status with this text. */
  async showsStatus(type: string, text: string): Promise<void> {
    const { id } = await this.nodeOf(type);
    await this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`, { hasText: text }).waitFor();
  }

  /** The first line of a type's help, as the help sidebar has it. */
  helpOf(type: string): Promise<string> {
    return this.page.evaluate<string>(
      `$('<div>').html(RED.nodes.getNodeHelp(${JSON.stringify(type)})).text().trim().split('\\n')[0]`,
    );
  }

  /** A node's properties as they would stand in the flow file. */
  properties({ id }: Pick<EditorNode, 'id'>): Promise<Record<string, unknown>> {
    return this.page.evaluate<Record<string, unknown>>(
      `RED.nodes.convertNode(RED.nodes.node(${JSON.stringify(id)}), false)`,
    );
  }

  /** Drags a node type from the palette to the middle of the workspace. */
  async drop(type: string): Promise<void> {
    await this.page
      .locator(`.red-ui-palette-node[data-palette-type="${type}"]`)
      .dragTo(this.page.locator('#red-ui-workspace-chart'), { targetPosition: { x: 300, y: 200 } });
  }

  /** Opens the dialog of a node, as a double click does. */
  async edit({ id, type }: Pick<EditorNode, 'id' | 'type'>): Promise<void> {
    const node = `RED.nodes.node(${JSON.stringify(id)})`;
    const isConfig = await this.page.evaluate<boolean>(`${node}._def.category === 'config'`);
    await this.page.evaluate(
      isConfig ? `RED.editor.editConfig('', '${type}', '${id}')` : `RED.editor.edit(${node})`,
    );
    await this.page.locator(isConfig ? '#node-config-dialog-ok' : '#node-dialog-ok').waitFor();
    await this.page.locator('.qfwd-form label').first().waitFor();
  }

  /** Presses Done (or Add, or Update) in the dialog that is open. */
  async confirm(kind: 'node' | 'config'): Promise<void> {
    const button = this.page.locator(kind === 'node' ? '#node-dialog-ok' : '#node-config-dialog-ok');
    await button.click();
    await button.waitFor({ state: 'hidden' });
  }

  /** Opens the sidebar with the modems. */
  async showModems(): Promise<void> {
    const action = 'qfwd:show-modems';
    await this.page.waitForFunction(`RED.actions.get('${action}')`);
    await this.page.evaluate(`RED.actions.invoke('${action}')`);
    await this.page.locator('#qfwd-sidebar').waitFor();
  }

  /** Makes this sidebar so wide, in pixels, as dragging its edge does. */
  async setSidebarWidth(width: number): Promise<void> {
    await this.page.evaluate(`(() => {
      $('#qfwd-sidebar').closest('.red-ui-sidebar, #red-ui-sidebar').width(${width});
      RED.events.emit('sidebar:resize');
    })()`);
  }

  async deploy(): Promise<void> {
    await this.page.locator('#red-ui-header-button-deploy').click();
    await this.page.waitForFunction('!RED.nodes.dirty()');
  }

  /** Imports an example of this package through the menu. */
  async importExample(name: string): Promise<void> {
    const { page } = this;
    const tabs = await page.evaluate<number>(TABS);
    await page.locator('#red-ui-header-button-sidemenu').click();
    await page.locator('#menu-item-import').click();
    await page.locator('[href="#red-ui-clipboard-dialog-import-tab-examples"]').click();
    const tree = page.locator('#red-ui-clipboard-dialog-import-tab-examples');
    await tree.getByText('@qfwd/node-red-quectel', { exact: true }).click();
    await tree.getByText(name, { exact: true }).click();
    await page.locator('#red-ui-clipboard-dialog-ok').click();
    await page.waitForFunction(`${TABS} > ${tabs}`);
  }
}
