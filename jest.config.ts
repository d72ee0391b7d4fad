/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // Chaos, outages and exits are waited for rather than worked at: two at a time halve that, on two cores too.
  maxWorkers: 2,
  testEnvironment: 'node',
  // What a hang may take: a busy machine needs ten times as long as an idle one.
  testTimeout: 30_000,
  roots: ['<rootDir>/spec'],
  testMatch: ['**/*-spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.spec.json' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageProvider: 'v8',
  reporters: ['default', '<rootDir>/spec/support/count-reporter.mjs'],
};

export default config;
