import fc from 'fast-check';

import { type Fault, insertBefore } from '../../src/simulator';
import { readyRig } from '../support/modem/rig';
import { assertUnmoved } from '../support/modem/unmoved';
import { countedHeader, PLAIN_HEADER, said, smsBody } from '../support/sms';

/** What a text says of sockets, with `ID` for the one that is open. */
const CLAIMS = [
  'RDY',
  'POWERED DOWN',
  '+QFWDURC: "client/close",ID',
  '+QFWDURC: "client/incoming",1,ID,"10.0.0.2",40002,"10.0.0.1",2020',
  '+QFWDURC: "server/open",ID,98',
  '+QFWDURC: "client/open",ID,111',
  '+QIURC: "closed",ID',
  '+QIURC: "pdpdeact",1',
  '+QFWDRECV: ID,3',
  '+QFWDSEND: ID,3',
  'OK',
  '> ',
];

const body = fc
  .tuple(
    smsBody,
    fc.constantFrom(...CLAIMS),
    smsBody,
    fc.constantFrom('\r\n', '\n', '\r\n\r\n', '"\r\n', '",15\r\n'),
  )
  .map(([before, claim, after, end]) => `${before.slice(0, 60)}${end}${claim}\r\n${after.slice(0, 60)}`);

/** How a module hands on what others wrote. */
const FORMS: Record<string, (body: string) => string> = {
  'a message with its length': (body) => said(countedHeader(body.length), body),
  'a message without': (body) => said(PLAIN_HEADER, body),
  'a cell broadcast': (body) => said('+CBM: 12,50,1,1,1', body),
  'a message as other makers show it': (body) => said('^HCMT: "+49170","",0', body),
  'a listed message': (body) => said('+CMGL: 1,"REC UNREAD","+49170",,"26/11/28,10:00:00+04"', body),
  'a USSD string': (body) => `\r\n+CUSD: 1,"${body}",15\r\n`,
  'a USSD string without its coding': (body) => `\r\n+CUSD: 1,"${body}"\r\n`,
  'the name of a caller': (body) => `\r\n+CNAP: "${body}",0\r\n`,
  'an entry of a phone book': (body) => `\r\n+CPBR: 1,"+49170",145,"${body}"\r\n`,
  'the name of an operator': (body) => `\r\n+COPS: 0,0,"${body}",7\r\n`,
  'the name in a list of calls': (body) => `\r\n+CLCC: 1,1,4,0,0,"+49170",129,"${body}"\r\n`,
};

const PLACES: Record<string, (text: string) => Fault> = {
  'before a prompt': (text) => insertBefore('prompt', text),
  'between a prompt and its payload': (text) => afterNextPrompt(text),
  'before an answer': (text) => insertBefore('info', text),
  'between a header and its data, or behind it': (text) => insertBefore('block', text),
  'before a result code': (text) => insertBefore('result', text),
};

function afterNextPrompt(text: string): Fault {
  let spent = false;
  return {
    get spent() {
      return spent;
    },
    send: (packet) => {
      if (spent || packet.kind !== 'prompt') return [packet];
      spent = true;
      return [packet, { kind: 'urc', bytes: Buffer.from(text) }];
    },
  };
}

/** What once closed a server: an answer about another socket, and a result code. */
const FOUND: [body: string, place: string] = [
  '"\r\n+QFWDURC: "client/open",ID,111\r\n+QFWDSEND: 7,10\rOK\r\r\n',
  'between a prompt and its payload',
];

describe('A text from others', () => {
  for (const [form, write] of Object.entries(FORMS)) {
    it(`changes nothing that a flow is told about sockets: ${form}`, async () => {
      await fc.assert(
        fc.asyncProperty(body, fc.constantFrom('', ...Object.keys(PLACES)), async (body, place) => {
          const rig = await readyRig();
          const server = await rig.openServer();
          const { peer, socketId } = await server.connect();
          const collector = rig.collect();
          const text = write(body.replaceAll('ID', String(socketId)));
          const inject = PLACES[place];
          if (inject) rig.module.inject(inject(text));
          else rig.module.urc(text.trim());
          peer.socket.write('to the flow');
          // Part of the line may be lost in a text without an end; that is told as an unknown outcome.
          const sending = rig.modem.send(socketId, Buffer.from('to the peer'), 60_000).catch(() => undefined);
          await rig.pass(60_000);
          await sending;
          await assertUnmoved(rig, server, peer, collector, socketId);
          await rig.modem.send(socketId, Buffer.from('and back'), 60_000);
          await peer.untilText('and back');
          await rig.stop();
        }),
        { numRuns: 40, examples: [FOUND] },
      );
    }).timeout(60_000);
  }
});
