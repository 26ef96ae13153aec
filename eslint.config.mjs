import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Imports run downwards only. For each folder: how an import leaves it, and where it may then go; nowhere if nothing is
 * listed. `src` never imports from `nodes`, and transports and the simulator are known to the config node alone.
 */
const house = [
  { files: 'src/at/*.ts', leaves: '../', to: [] },
  { files: 'src/sockets/*.ts', leaves: '../', to: ['at'] },
  { files: 'src/qfwd/*.ts', leaves: '../', to: ['at', 'sockets'] },
  { files: 'src/qfwd/*/*.ts', leaves: '../../', to: ['at', 'sockets'] },
  { files: 'src/tcpip/*.ts', leaves: '../', to: ['at', 'sockets'] },
  { files: 'src/tcpip/*/*.ts', leaves: '../../', to: ['at', 'sockets'] },
  { files: 'src/modem/*.ts', leaves: '../', to: ['at', 'sockets'] },
  room('link'),
  room('data', 'link'),
  room('stream', 'data'),
  room('sockets', 'link', 'data', 'stream'),
  room('endpoints', 'link', 'stream', 'sockets'),
  room('calibration', 'link', 'sockets', 'endpoints'),
  room('diagnosis', 'link', 'sockets', 'status'),
  room('status', 'link'),
  { files: 'src/forward/*.ts', leaves: '../', to: ['at', 'modem'] },
  { files: 'src/transport/*.ts', leaves: '../', to: ['at'] },
  { files: 'src/ports/*.ts', leaves: '../', to: ['sockets'] },
  { files: 'src/trace/*.ts', leaves: '../', to: ['at'] },
  {
    files: 'src/check/*.ts',
    leaves: '../',
    to: ['at', 'families', 'modem', 'ports', 'sockets', 'trace', 'transport'],
  },
  { files: 'src/simulator/*.ts', leaves: '../', to: ['trace'] },
  { files: 'src/simulator/*/*.ts', leaves: '../../', to: [] },
  { files: 'nodes/editor/*.ts', leaves: '../', to: [] },
  { files: 'nodes/runtime/*.ts', leaves: '../', to: ['../src/modem', '../src/forward'] },
  { files: 'nodes/qfwd-*/*.ts', leaves: '../', to: ['../src/modem', '../src/forward', 'runtime', 'editor'] },
  {
    files: 'nodes/qfwd-modem/*.ts',
    leaves: '../',
    to: [
      '../src/at',
      '../src/families',
      '../src/qfwd',
      '../src/tcpip',
      '../src/modem',
      '../src/ports',
      '../src/trace',
      '../src/transport',
      '../src/simulator',
      'runtime',
      'editor',
    ],
  },
  { files: 'nodes/qfwd-*/editor/*.ts', leaves: '../../', to: ['editor'] },
];

/** A room of the modem: which others it may use. Errors are everybody's. */
function room(name, ...others) {
  const to = ['../at', '../sockets', 'errors', ...others];
  return { files: `src/modem/${name}/*.ts`, leaves: '../', to };
}

const importRules = house.map(({ files, leaves, to }) => ({
  files: [files],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^${leaves.replaceAll('.', '\\.')}${to.map((folder) => `(?!${folder.replaceAll('.', '\\.')}(/|$))`).join('')}`,
            message: `From here, imports may go to: ${to.join(', ') || 'nothing outside this folder'}.`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', '.cache/', '.node-red/', 'node_modules/'] },
  js.configs.recommended,
  { files: ['**/*.mjs', '**/*.cjs'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './nodes/tsconfig.editor.json'] },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  ...importRules,
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
