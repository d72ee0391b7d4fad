// @ts-check
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import rxjs from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/** An object may come from another realm (a thread, `vm`, jest), where these classes are others. */
const NO_INSTANCEOF = ['Error', 'Map', 'Set', 'Date', 'Promise'].map((name) => ({
  selector: `BinaryExpression[operator='instanceof'][right.name='${name}']`,
  message: `\`instanceof ${name}\` fails for a value of another realm: use util.types (isNativeError, isMap, …), or tell it by its shape.`,
}));

/** What Node knows without an import, as Node itself says. */
const NODE_GLOBALS = Object.fromEntries(
  Object.getOwnPropertyNames(globalThis).map((name) => [name, /** @type {const} */ ('readonly')]),
);

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '**/node_modules/', 'bench/results/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  { rules: { eqeqeq: 'error', 'no-restricted-syntax': ['error', ...NO_INSTANCEOF] } },

  {
    // In no TypeScript project, so linted without types.
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: NODE_GLOBALS },
  },

  {
    // Compiled and never run: the compiler is the check there.
    files: ['spec/types/**/*.ts'],
    extends: [tseslint.configs.base],
    rules: { 'no-self-assign': 'off', 'no-unused-vars': 'off', 'no-undef': 'off' },
  },

  {
    files: ['**/*.ts'],
    ignores: ['spec/types/**'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      rxjs.configs.strict,
    ],
    languageOptions: {
      parserOptions: { project: 'tsconfig.spec.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Numbers are what most messages are about.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A getter on the prototype costs nothing per task, a field costs a word: both have their place.
      '@typescript-eslint/class-literal-property-style': 'off',
      // `observable$` for what holds an Observable: not for functions, Subjects and marbles, nor for what
      // only may be one (a payload), nor for a task where it's meant as a task and not as its values.
      'rxjs-x/finnish': [
        'error',
        {
          functions: false,
          methods: false,
          names: {
            '^payload': false,
            '^(adopt|execute|supervise)$': false,
            '^(this|from)$': false,
          },
          types: { Subject$: false, '^(Cold|Hot)Observable$': false, '^Adopted(Task)?$': false },
        },
      ],
      // Errors are handed on as they are, whatever was thrown: the very same object.
      'rxjs-x/throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      // What `adopt` returns may be left alone: the task lives by itself, and its errors are the runner's.
      'rxjs-x/no-floating-observables': 'off',
      'rxjs-x/no-misused-observables': 'off',
    },
  },
  {
    // Time is a scheduler's matter, so that all of it can be virtual; the few exceptions import `node:timers`.
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'queueMicrotask',
        'setImmediate',
        'setInterval',
        'setTimeout',
      ],
    },
  },
  {
    // For the memory and the speed of every task, an attempt *is* the subscriber, with RxJS's own
    // constructor and its flag `isStopped`; and a task *is* an Observable, to be piped.
    files: ['src/runner/attempt.ts', 'src/runner/adopted-task.ts'],
    rules: {
      'rxjs-x/no-subclass': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    // A function that returns nothing says `void` in its type, and emits nothing.
    files: ['src/task/shapes.ts'],
    rules: { '@typescript-eslint/no-invalid-void-type': 'off' },
  },

  {
    // Specs do on purpose what code should not: throw anything, never yield, look at what cannot be.
    files: ['spec/**/*.ts'],
    rules: {
      'require-yield': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // One variable holds payloads of every shape, and marbles.
      'rxjs-x/finnish': 'off',
      'rxjs-x/no-implicit-any-catch': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      'rxjs-x/no-subclass': 'off',
      'rxjs-x/throw-error': 'off',
      // A flag that a payload sets looks constant to the compiler.
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    // `events$` and adopted tasks never error, so here subscribers have no error to take; and where a
    // first value does not come, an `EmptyError` says so.
    files: ['spec/**/*.ts', 'demo/**/*.ts'],
    ignores: ['spec/types/**'],
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'rxjs-x/no-ignored-default-value': 'off',
      'rxjs-x/no-ignored-error': 'off',
    },
  },
);
