import { readyRig } from '../support/modem/rig';
it('zz', async () => {
  const rig = await readyRig();
  const server = await rig.openServer();
  const { peer, socketId } = await server.connect();
  rig.collect();
  const body = "\r\n\r\n\r\r\n\rERROR\r9qTza[L\r\r+QFWDSEND: 7,10\r+CSQ: 9,9\r\"\n+QFWDURC: \"client/close\",ID\r\nAT sevenRDY\r\n(<6a+CMT: \"\",,\"\",145,4,0,0,\"\",145,0+CMGL: 9,\"RE".replaceAll('ID', String(socketId));
  const text = `+QSPN: "${body}","${body}","",0,"26201"`;
  rig.module.inject({ send: (packet) => packet.kind === 'result' && rig.module.commands.at(-1) === 'AT+QSPN' ? [{ kind: 'info', bytes: Buffer.from(`\r\n${text}\r\n\r\nOK\r\n`) }] : [packet] });
  rig.module.on('command', (l) => console.log('>', l));
  rig.modem.on('urc', (u: unknown) => console.log('URC', JSON.stringify(u).slice(0, 200)));
  peer.socket.write('to the flow');
  const r = await Promise.allSettled([rig.modem.requests.raw('AT+QSPN'), rig.modem.send(socketId, Buffer.from('to the peer'), 60_000)]);
  console.log(r.map((x) => x.status === 'rejected' ? String(x.reason) : JSON.stringify(x.value).slice(0,200)));
  await rig.pass(60_000);
  console.log(JSON.stringify(server.log.all.filter((x) => 'event' in x)));
  await rig.stop();
});
