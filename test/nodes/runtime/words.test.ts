import assert from 'node:assert/strict';
import type { Node, NodeAPI } from 'node-red';
import { errorInWords, inWords, learnLanguage } from '../../../nodes/runtime/words';
import { LANGUAGES } from '../../../nodes/runtime/translation';
import { QfwdError } from '../../../src/modem';
import { doubtfulData } from '../../../src/modem/errors';

const REFUSED = 'connection refused';
const error = new QfwdError('QFWD_OPEN_FAILED', REFUSED, { result: 111, reason: REFUSED });

/** A node of a Node-RED whose catalogs are in this language. */
function nodeIn(language: string): Node {
  const node = { type: 'qfwd-client' } as unknown as Node;
  const api = { _: (key: string) => (key === 'qfwd-client.language' ? language : key) };
  learnLanguage(api as unknown as NodeAPI, node);
  return node;
}

describe('Texts of a node', () => {
  it('are in the language of Node-RED, except for the code and the values of an error', () => {
    const { code, message, result, reason, cause } = errorInWords(nodeIn('de'), error);
    assert.deepEqual(
      { code, message, result, reason },
      {
        code: 'QFWD_OPEN_FAILED',
        message: 'Verbindung abgelehnt',
        result: 111,
        reason: 'Verbindung abgelehnt',
      },
    );
    assert.equal(String(cause), 'QFWD_OPEN_FAILED, result 111, reason Verbindung abgelehnt');
  });

  it('have all details of the error in any language', () => {
    const doubtful = doubtfulData(2, 10);
    for (const language of LANGUAGES) {
      const { cause } = errorInWords(nodeIn(language), doubtful);
      assert.equal(String(cause), 'QFWD_UNKNOWN_OUTCOME, discarded 10', language);
    }
  });

  it('are in English if there is no translation', () => {
    for (const node of [nodeIn('en-US'), nodeIn('qfwd-client.language'), {} as unknown as Node]) {
      assert.equal(inWords(node, REFUSED), REFUSED);
      assert.equal(errorInWords(node, error), error);
    }
  });
});
