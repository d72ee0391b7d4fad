/** Ends the run with one plain line of counts, and fails a run in which nothing passed. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    console.log(`${results.numPassedTests} passed, ${failed} failed${tail}`);
    this.empty = results.numPassedTests === 0;
  }

  getLastError() {
    return this.empty ? new Error('no test passed') : undefined;
  }
}
