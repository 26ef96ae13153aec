/** What nodes say, in the language in which Node-RED logs. */
import type { Node, NodeAPI } from 'node-red';
import type { QfwdError } from '../../src/modem';
import { LANGUAGES, translate } from './translation';

const [ENGLISH] = LANGUAGES;

const languages = new WeakMap<Node, string>();

/** Notes the language of a node: the one whose message catalog Node-RED has loaded for its type. */
export function learnLanguage(RED: NodeAPI, node: Node): void {
  languages.set(node, RED._(`${node.type}.language`));
}

/** A text of the runtime in the language of a node. */
export function inWords(node: Node, text: string): string {
  return translate(text, languages.get(node) ?? ENGLISH);
}

/** The same error, in the language of a node. */
export function errorInWords(node: Node, error: QfwdError): QfwdError {
  const text = inWords(node, error.message);
  if (text === error.message) return error;
  const { reason } = error;
  return error.withMessage(text, { reason: reason && inWords(node, reason) });
}
