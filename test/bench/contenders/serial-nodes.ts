import { type FlowContender, functionNode, sent, sink, source } from './node-red';

/**
 * Speaks AT from a function node, as flows do that have no better. It knows one socket at a time and no errors.
 * A prompt has no end that the serial nodes could split at, so they emit what came when the line is silent for 1 ms.
 */
const PROTOCOL = `
const bench = global.get('bench');
const s = context.get('s') ?? { step: 'off', queue: [], text: Buffer.alloc(0) };
context.set('s', s);
const write = (payload) => node.send([{ payload }, null, null]);
const read = () => { s.step = 'read'; write('AT+QFWDRECV=' + s.readable + ',1024\\r'); };
const next = () => {
  s.text = Buffer.alloc(0);
  if (s.readable) return read();
  const job = s.queue[0];
  s.step = job ? 'prompt' : 'idle';
  if (job) write('AT+QFWDSEND=' + job.socketId + ',' + (job.isHostile ? 1 : 0) + '\\r');
};
const notice = (text) => {
  const found = text.match(/"client\\/read",(\\d+)\\r/);
  if (found) s.readable = found[1];
};

if (msg.settle) {
  s.queue.push(msg);
  if (s.step === 'idle') next();
  return;
}
if (msg.start) {
  s.step = 'echo';
  s.port = msg.start;
  write('ATE0\\r');
  return;
}

s.text = s.text.length === 0 ? msg.payload : Buffer.concat([s.text, msg.payload]);
const isDone = s.text.includes('\\r\\nOK\\r\\n');
switch (s.step) {
  case 'echo':
    if (!isDone) return;
    s.step = 'open';
    s.text = Buffer.alloc(0);
    write('AT+QFWDSEVER=0,60000,"IP","tcp",' + s.port + ',10,3600,"usbat"\\r');
    return;
  case 'open':
    if (!s.text.includes('"server/open",60000,0\\r\\n')) return;
    bench.opened();
    return next();
  case 'idle':
    notice(s.text.toString('latin1'));
    return s.readable ? next() : undefined;
  case 'prompt': {
    if (!s.text.includes('> ')) return;
    const { payload, isHostile } = s.queue[0];
    const body = isHostile ? Buffer.from(payload.toString('hex').toUpperCase()) : payload;
    s.step = 'sent';
    s.text = Buffer.alloc(0);
    write(Buffer.concat([body, Buffer.from([0x1a])]));
    return;
  }
  case 'sent':
    if (!isDone) return;
    notice(s.text.toString('latin1'));
    node.send([null, null, s.queue.shift()]);
    return next();
  case 'read': {
    if (!isDone) return;
    const header = s.text.toString('latin1', 0, 200).match(/\\+QFWDRECV: \\d+,(\\d+)\\r\\n/);
    const length = Number(header[1]);
    const from = header.index + header[0].length;
    if (s.text.length < from + length) return;
    if (length < 1024) s.readable = undefined;
    notice(s.text.toString('latin1', from + length));
    if (length > 0) node.send([null, { payload: s.text.subarray(from, from + length) }, null]);
    return next();
  }
}
`;

/** Node-RED's serial nodes and a function node. */
export function serialNodesFlow(nodesDir: string): FlowContender {
  return {
    nodesDir,
    flow: (tty, port) => [
      { id: 'tab', type: 'tab', label: 'bench' },
      {
        id: 'port',
        type: 'serial-port',
        serialport: tty,
        serialbaud: '115200',
        databits: '8',
        parity: 'none',
        stopbits: '1',
        newline: '1',
        bin: 'bin',
        out: 'interbyte',
        addchar: '',
        waitfor: '',
        responsetimeout: '10000',
      },
      { id: 'in', type: 'serial in', z: 'tab', serial: 'port', wires: [['protocol']] },
      functionNode('protocol', PROTOCOL, ['out'], ['sink'], ['sent']),
      { id: 'out', type: 'serial out', z: 'tab', serial: 'port', wires: [] },
      {
        ...functionNode('start', ''),
        initialize: `setTimeout(() => node.send({ start: ${port} }), 1000);`,
        wires: [['protocol']],
      },
      source('protocol'),
      sink,
      sent,
    ],
  };
}
