import assert from 'node:assert/strict';
import { freePort } from '../support/free-port';
import { rawEcho } from './support/flows';
import { startNodeRed } from './support/node-red';
import { reach } from './support/reach';
import { useScope } from './support/scope';

describe('NODE_DEBUG=qfwd', () => {
  const scope = useScope();
  const init = 'AT+CGAUTH=1,1,"user","hunter2"';

  it('writes the AT dialogue of every modem to stderr, secrets masked', async () => {
    const port = await freePort();
    const flow = rawEcho(port, { transport: 'simulator', name: 'EC25', init, trace: false });
    const { program } = await startNodeRed(scope, flow, { env: { NODE_DEBUG: 'qfwd' } });
    const peer = await reach(port);
    peer.socket.write('hello');
    await program.waitFor(/^QFWD \d+: EC25 < \[5 bytes\]$/m);
    await program.waitFor(/^QFWD \d+: EC25 > AT\+QFWDSEND=/m);
    assert.match(program.output, /^QFWD \d+: EC25 > AT\+CGAUTH=…$/m);
    assert.match(program.output, /^QFWD \d+: EC25 < OK$/m);
    assert.doesNotMatch(program.output, /hunter2|hello/);
  });
});
