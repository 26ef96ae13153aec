import assert from 'node:assert/strict';
import fc from 'fast-check';

import { addressOf } from '../../../src/modem/status/address';
import { operatorOfCops, operatorOfQnwinfo } from '../../../src/modem/status/operator';
import { rssiOf, signalOf } from '../../../src/modem/status/signal';

describe('signalOf', () => {
  const cases: [line: string, signal: object][] = [
    ['+QCSQ: "LTE",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
    ['+QCSQ: "LTE",-52,-81,0,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: -20 }],
    ['+QCSQ: "LTE",-52,-81,-3,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: -3 }],
    ['+QCSQ: "CAT-M1",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
    ['+QCSQ: "eMTC",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
    ['+QCSQ: "NBIoT",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
    ['+QCSQ: "LTE",-52', { rssi: -52 }],
    ['+QCSQ: "GSM",-60', { rssi: -60 }],
    ['+QCSQ: "WCDMA",-70,-80,-5', { rssi: -70 }],
    ['+QCSQ: "NOSERVICE"', {}],
    ['+QCSQ: "LTE",0,0,255,0', {}],
  ];
  for (const [line, signal] of cases) it(`reads ${line}`, () => assert.deepEqual(signalOf(line), signal));
});

describe('rssiOf', () => {
  const cases: [line: string, rssi: number | undefined][] = [
    ['+CSQ: 0,99', -113],
    ['+CSQ: 31,99', -51],
    ['+CSQ: 100,99', -116],
    ['+CSQ: 191,99', -25],
    ['+CSQ: 99,99', undefined],
    ['+CSQ: 199,99', undefined],
    ['+CSQ:', undefined],
  ];
  for (const [line, rssi] of cases) it(`reads ${line}`, () => assert.equal(rssiOf(line), rssi));
});

describe('The operator', () => {
  it('is read from AT+COPS?', () => {
    assert.deepEqual(operatorOfCops('+COPS: 0,0,"Telekom, DE",7'), {
      operator: 'Telekom, DE',
      technology: 'LTE',
    });
    assert.deepEqual(operatorOfCops('+COPS: 0,2,"26201"'), { operator: '26201' });
    assert.deepEqual(operatorOfCops('+COPS: 0'), {});
    assert.deepEqual(operatorOfCops('+COPS: 0,0,"Telekom",99'), { operator: 'Telekom' });
    assert.deepEqual(operatorOfCops('+COPS: 0,0,"Telia",8'), { operator: 'Telia', technology: 'eMTC' });
  });

  it('is text also if the module writes strings in UCS2', () => {
    const operatorIn = (written: string): string | undefined =>
      operatorOfCops(`+COPS: 0,0,"${written}",7`).operator;
    assert.equal(operatorIn('00540065006C0065006B006F006D'), 'Telekom');
    assert.equal(operatorIn('4e2d56fd79fb52a8'), '中国移动');
    for (const name of ['26201', '310260', 'CAFE', 'ACE FADE', '00010002', 'D83DD83D'])
      assert.equal(operatorIn(name), name);
  });

  it('is read from AT+QNWINFO', () => {
    const line = '+QNWINFO: "FDD LTE","26201","LTE BAND 3",1300';
    assert.deepEqual(operatorOfQnwinfo(line), { operator: '26201', technology: 'FDD LTE' });
    assert.deepEqual(operatorOfQnwinfo('+QNWINFO: No Service'), {});
  });
});

describe('addressOf', () => {
  const cases: [lines: string[], pdpCid: number, address: string | undefined][] = [
    [['+CGPADDR: 1,"10.1.2.3"'], 0, '10.1.2.3'],
    [['+CGPADDR: 1,10.1.2.3'], 1, '10.1.2.3'],
    [['+CGPADDR: 1,"0.0.0.0"', '+CGPADDR: 2,"10.2.3.4"'], 0, '10.2.3.4'],
    [['+CGPADDR: 1,"0.0.0.0"', '+CGPADDR: 2,"10.2.3.4"'], 1, undefined],
    [['+CGPADDR: 1', '+CGPADDR: 2,""'], 0, undefined],
    [['+CGPADDR: 1,"0.0.0.0","2A00:1:0:0:0:0:0:2"'], 0, '2a00:1::2'],
    // 3GPP TS 27.007 10.1.14: without AT+CGPIAF, an IPv6 address is 16 numbers.
    [['+CGPADDR: 1,"32.1.13.184.0.0.0.0.0.0.0.0.0.0.1.2"'], 0, '2001:db8::102'],
    [['+CGPADDR: 1,"10.1.2.3","32.1.13.184.0.0.0.0.0.0.0.0.0.0.1.2"'], 0, '10.1.2.3'],
    [['+CGPADDR: 1,"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"'], 0, undefined],
    [['+CGPADDR: 1,"::"', '+CGPADDR: 2,"a name"'], 0, undefined],
  ];
  for (const [lines, pdpCid, address] of cases)
    it(`reads ${lines.join(', ')} of context ${pdpCid}`, () =>
      assert.equal(addressOf(lines, pdpCid), address));
});

describe('What the firmware reports of its network', () => {
  it('is read without an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        for (const read of [signalOf, rssiOf, operatorOfCops, operatorOfQnwinfo]) read(line);
        addressOf([line], 0);
        for (const figure of Object.values(signalOf(line))) assert.ok(Number.isFinite(figure));
      }),
    );
  });
});
