import assert from 'node:assert/strict';
import { momentOf } from '../../../nodes/qfwd-modem/editor/times';

describe('Moments in the editor', () => {
  const now = new Date(2026, 0, 31, 12).getTime();

  it('have no date if they are of today', () => {
    assert.equal(momentOf(new Date(2026, 0, 31, 0, 0, 0, 0).getTime(), now), '00:00:00.000');
    assert.equal(momentOf(new Date(2026, 0, 31, 9, 5, 7, 42).getTime(), now), '09:05:07.042');
  });

  it('have their date otherwise, even if they are less than a day old', () => {
    assert.equal(momentOf(new Date(2026, 0, 30, 23, 59, 59, 999).getTime(), now), '2026-01-30 23:59:59.999');
    assert.equal(momentOf(new Date(2025, 0, 31, 9, 5, 7, 42).getTime(), now), '2025-01-31 09:05:07.042');
  });
});
