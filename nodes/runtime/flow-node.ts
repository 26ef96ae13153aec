/** Common to all flow nodes: find the modem, show a status, complete each message exactly once. */
import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import { type LinkState, type Modem, QfwdError, toQfwdError } from '../../src/modem';
import { asInForm } from './settings';
import { errorInWords, learnLanguage } from './words';

/** The config node, as the flow nodes see it. */
export interface ModemNode extends Node {
  /** Missing if its configuration is invalid, and while it has no users. */
  readonly modem?: Modem;
  /** Its port is open as long as it has users. */
  addUser(node: Node): void;
  removeUser(node: Node): void;
}

export interface FlowNodeDef extends NodeDef {
  readonly modem: string;
  readonly [property: string]: unknown;
}

/** A message with the properties that these nodes read and write. */
export type QfwdMessage = NodeMessageInFlow & Record<string, unknown>;

type Send = (message: QfwdMessage) => void;

/** The modem of a flow node, or why there is none. The node is registered as its user until it is closed. */
function useModem(RED: NodeAPI, node: Node, config: FlowNodeDef): Modem | QfwdError {
  const modemNode = RED.nodes.getNode(config.modem) as Partial<ModemNode> | null;
  modemNode?.addUser?.(node);
  if (modemNode?.modem) {
    node.on('close', () => modemNode.removeUser?.(node));
    return modemNode.modem;
  }
  if (!modemNode && isInFlows(RED, config.modem)) {
    showStatus(node, 'modem-disabled');
    return new QfwdError('QFWD_INVALID', 'the modem is disabled: enable its node, or choose another one');
  }
  showStatus(node, 'no-modem');
  return new QfwdError('QFWD_INVALID', 'no modem: choose one in the node, and check its configuration');
}

/** Node-RED does not create disabled nodes. */
export function isInFlows(RED: NodeAPI, id: string): boolean {
  let isThere = false;
  RED.nodes.eachNode((node) => (isThere ||= node.id === id));
  return isThere;
}

/** Calls `show` now and whenever the link state of the modem changes. */
export function followLink(node: Node, modem: Modem, show: (state: LinkState) => void): void {
  modem.on('state', show);
  node.on('close', () => modem.off('state', show));
  show(modem.state);
}

/** Shows the link state of the modem, for a node that depends on nothing else. */
export function showLink(node: Node, modem: Modem): void {
  followLink(node, modem, (state) => showStatus(node, linkStatus(state) ?? 'ready'));
}

/**
 * Handles the input of a node: calls `done` once per message, after `handle` has finished, or with an error that has a code.
 * @param handle receives a copy: a property that throws when it is read does so before anything is done
 */
export function handleInput(node: Node, handle: (message: QfwdMessage, send: Send) => Promise<void>): void {
  node.on('input', (message, send, done) => {
    // A handler may throw before it has a promise to reject.
    const handled = (async () => handle({ ...(message as QfwdMessage) }, send))();
    // Errors that are not from the modem or from our checks are caused by the content of the message.
    void handled.then(
      () => finish(node, done),
      (thrown: unknown) => finish(node, done, toQfwdError(thrown, 'QFWD_INVALID')),
    );
  });
}

/** Node-RED copies the message for Catch and Complete nodes, and its properties may throw when they are read. */
function finish(node: Node, done: (error?: Error) => void, error?: QfwdError): void {
  try {
    done(error && errorInWords(node, error));
  } catch (thrown) {
    report(node, error ?? toQfwdError(thrown, 'QFWD_INVALID'));
  }
}

/** Reports an error that belongs to no message, for Catch nodes and the log. */
export function report(node: Node, error: QfwdError, message: NodeMessage = {}): void {
  node.error(errorInWords(node, error), message);
}

/**
 * For a node that queries the modem for each message: the result of `ask` overrides properties of the message. The node
 * shows the link state of the modem.
 */
export function answerInput(
  node: Node,
  modem: Modem,
  ask: (message: QfwdMessage) => Promise<Readonly<Record<string, unknown>>>,
): void {
  showLink(node, modem);
  handleInput(node, async (message, send) => send({ ...message, ...(await ask(message)) }));
}

/** For a node with an invalid configuration: every message fails with the error. */
function refuseInput(node: Node, error: QfwdError): void {
  showStatus(node, 'error');
  report(node, error);
  handleInput(node, () => Promise.reject(error));
}

/**
 * Sets up a flow node. If `setUp` throws `QFWD_INVALID`, the configuration is invalid; the node then reports the error and
 * rejects its input.
 */
export function setUpNode(
  RED: NodeAPI,
  node: Node,
  config: FlowNodeDef,
  setUp: (modem: Modem) => void,
): void {
  RED.nodes.createNode(node, config);
  learnLanguage(RED, node);
  const modem = useModem(RED, node, config);
  if (modem instanceof QfwdError) return handleInput(node, () => Promise.reject(modem));
  try {
    setUp(modem);
  } catch (error) {
    refuseInput(node, asInForm(toQfwdError(error), labelsOf(RED, node)));
  }
}

/** The labels in the form of a node, in the language that Node-RED logs in. */
export function labelsOf(RED: NodeAPI, { type }: Node): (property: string) => string | undefined {
  return (property) => {
    const key = `${type}.label.${property}`;
    const label = RED._(key);
    return label === key ? undefined : label;
  };
}

/** By the key of the status text, which the editor translates. */
const LOOKS = {
  offline: ['red', 'ring'],
  connecting: ['yellow', 'ring'],
  initializing: ['yellow', 'ring'],
  ready: ['green', 'dot'],
  opening: ['yellow', 'ring'],
  connected: ['green', 'dot'],
  secured: ['green', 'dot'],
  closed: ['grey', 'ring'],
  retrying: ['yellow', 'ring'],
  'retrying-in-use': ['yellow', 'ring'],
  'retrying-refused': ['yellow', 'ring'],
  'retrying-no-answer': ['yellow', 'ring'],
  'retrying-unreachable': ['yellow', 'ring'],
  'retrying-not-found': ['yellow', 'ring'],
  'retrying-no-context': ['yellow', 'ring'],
  paused: ['yellow', 'dot'],
  error: ['red', 'ring'],
  'no-modem': ['red', 'ring'],
  'modem-disabled': ['grey', 'ring'],
  'no-source': ['red', 'ring'],
  'no-sim': ['yellow', 'ring'],
  locked: ['red', 'ring'],
  'no-network': ['yellow', 'ring'],
  activating: ['yellow', 'ring'],
  denied: ['red', 'ring'],
  booting: ['yellow', 'ring'],
  unsupported: ['red', 'ring'],
} as const satisfies Record<string, readonly ['grey' | 'yellow' | 'green' | 'red', 'ring' | 'dot']>;

export type StatusKey = keyof typeof LOOKS;

/** Shows a status below the node; the editor translates it unless `plainText` is given. */
export function showStatus(node: Node, key: StatusKey, plainText?: string): void {
  const [fill, shape] = LOOKS[key];
  node.status({ fill, shape, text: plainText ?? `${node.type}.status.${key}` });
}

/** The status for a link that is not ready; `undefined` if it is ready. */
export function linkStatus(state: LinkState): StatusKey | undefined {
  if (state === 'ready') return undefined;
  return state === 'stopped' ? 'offline' : state;
}
