import assert from 'node:assert/strict';
import { readReport } from '../../../src/modem/calibration/read-report';

describe('the URCs for readable data', () => {
  it('tell when the module reports', () => {
    assert.equal(readReport([], []), 'none');
    assert.equal(readReport([{}], []), 'once');
    assert.equal(readReport([], [{}]), 'once');
    assert.equal(readReport([{}, {}], []), 'once');
    assert.equal(readReport([{}], [{}]), 'repeated');
    assert.equal(readReport([{ length: 1 }], []), 'length');
  });
});
