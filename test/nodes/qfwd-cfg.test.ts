import assert from 'node:assert/strict';
import { connectedFlow, node } from './support/flow';

describe('qfwd-cfg', () => {
  it('reads the URC port of a socket', async () => {
    const { flow, socketId } = await connectedFlow(node('cfg'));
    flow.input('cfg', { socketId });
    assert.deepEqual((await flow.from('cfg').next()).payload, { socketId, urcPort: 'usbat' });
  });

  it('sets it to the value of the message, or else of the node', async () => {
    const { flow, socketId } = await connectedFlow(node('cfg', { urcPort: 'uart1' }));
    flow.input('cfg', { socketId });
    assert.deepEqual((await flow.from('cfg').next()).payload, { socketId, urcPort: 'uart1' });
    flow.input('cfg', { socketId, urcPort: 'usbmodem' });
    assert.deepEqual((await flow.from('cfg').next()).payload, { socketId, urcPort: 'usbmodem' });
  });

  it('rejects a port that no module has, and a socket that does not exist', async () => {
    const { flow, socketId } = await connectedFlow(node('cfg'));
    assert.equal((await flow.refusal('cfg', { socketId, urcPort: 'usb"\r\nATZ' })).code, 'QFWD_INVALID');
    assert.equal((await flow.refusal('cfg', { socketId: 4711 })).code, 'QFWD_CLOSED');
  });
});
