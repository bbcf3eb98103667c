// What the compiler cannot say: the strict type-aware rules, the size of a piece, and which folders stay pure.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const PURE_FOLDERS = ['src/address/**', 'src/proxy/**', 'src/protocols/**', 'src/policy/**'];
const TESTS = ['**/*.test.ts', 'test/**'];

/** What a pure file must be given as an event, a setting or an argument. */
const IMPURE_GLOBALS = [
  'Date',
  'process',
  'console',
  'fetch',
  'performance',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'WebSocket',
  'EventSource',
  'navigator',
  'globalThis',
  'global',
];

const HOUSE_STYLE = [
  {
    selector: '[accessibility="private"]',
    message: 'Write #name: a private member that the language enforces.',
  },
  {
    selector:
      ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator[init.type="ArrowFunctionExpression"]:not([id.typeAnnotation])',
    message: 'Write a function declaration at top level.',
  },
];
const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export it by name: only a policy file has a default export.',
};

export default defineConfig(
  globalIgnores(['coverage', 'dist', 'bench/results', 'test/corpus']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // It asks for the `!` that no-non-null-assertion refuses.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Protocols are full of control characters, and their grammars name them.
      'no-control-regex': 'off',

      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...HOUSE_STYLE, NO_DEFAULT_EXPORT],

      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: PURE_FOLDERS,
    ignores: TESTS,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^node:(?!buffer$)',
              message: 'This folder is pure: of Node it may import node:buffer only.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...IMPURE_GLOBALS.map((name) => ({
          name,
          message: 'This folder is pure: take it as an event, a setting or an argument.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'This folder is pure: be deterministic.' },
      ],
    },
  },
  { files: TESTS, rules: { 'max-lines-per-function': 'off' } },
  { files: ['src/cli/**', 'scripts/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/policies/**', 'scripts/skip-reporter.ts', 'eslint.config.js'],
    rules: { 'no-restricted-syntax': ['error', ...HOUSE_STYLE] },
  },
  // Plain JavaScript is not in tsconfig.json, so rules that need types cannot run on it.
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
