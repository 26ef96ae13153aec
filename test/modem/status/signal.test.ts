import assert from 'node:assert/strict';
import fc from 'fast-check';

import { operatorOfCops, operatorOfQnwinfo } from '../../../src/modem/status/operator';
import { rssiOf, signalOf } from '../../../src/modem/status/signal';

describe('signalOf', () => {
  const cases: [line: string, signal: object][] = [
    ['+QCSQ: "LTE",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
    ['+QCSQ: "LTE",-52,-81,0,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: -20 }],
    ['+QCSQ: "LTE",-52,-81,-3,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: -3 }],
    ['+QCSQ: "CAT-M1",-52,-81,195,-10', { rssi: -52, rsrp: -81, rsrq: -10, sinr: 19 }],
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
  });

  it('is read from AT+QNWINFO', () => {
    const line = '+QNWINFO: "FDD LTE","26201","LTE BAND 3",1300';
    assert.deepEqual(operatorOfQnwinfo(line), { operator: '26201', technology: 'FDD LTE' });
    assert.deepEqual(operatorOfQnwinfo('+QNWINFO: No Service'), {});
  });
});

describe('What the firmware reports of its network', () => {
  it('is read without an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        for (const read of [signalOf, rssiOf, operatorOfCops, operatorOfQnwinfo]) read(line);
        for (const figure of Object.values(signalOf(line))) assert.ok(Number.isFinite(figure));
      }),
    );
  });
});
