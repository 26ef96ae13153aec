import assert from 'node:assert/strict';
import { readReport } from '../../../src/modem/calibration/read-report';

describe('The URCs for data', () => {
  it('show when the module sends one, and whether it has a length', () => {
    assert.equal(readReport([], []), 'none');
    assert.equal(readReport([{}], []), 'once');
    assert.equal(readReport([], [{}]), 'once');
    assert.equal(readReport([{}, {}], []), 'once');
    assert.equal(readReport([{}], [{}]), 'repeated');
    assert.equal(readReport([{ length: 1 }], []), 'length');
  });
});
