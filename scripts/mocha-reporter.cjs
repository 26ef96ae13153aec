/** Mocha's spec reporter that also appends `passed failed` to the file named in TEST_COUNTS, for .ci/run to add up. */
const { appendFileSync } = require('node:fs');
const { default: Mocha } = require('mocha');

module.exports = class extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_COUNTS;
    if (!file) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      appendFileSync(file, `${this.stats.passes} ${this.stats.failures}\n`);
    });
  }
};
