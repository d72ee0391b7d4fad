// What others test their own with, too: `rxvisor/testing`

export { type SuiteOptions, testTaskBackend } from './test-task-backend.js';
