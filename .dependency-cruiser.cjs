// The layers of docs/architecture.md: imports point down, never up, and never in a circle.
const LAYERS = [
  'cli',
  'rehearsal',
  'operations',
  'stack',
  'alerts',
  'node',
  'capacity',
  'cloud',
  'resources',
  'config',
  'page',
  'contract',
];

/** In each of these folders, the subfolders from top to bottom. A folder may import from those after it. */
const FOLDERS = {
  'src/node': ['agent', 'provision', 'access', 'cluster-members', 'render'],
  'src/node/agent': ['(shard|bridge)', 'drain', 'metrics', 'health', 'daemons', 'warm-up'],
  'src/operations': ['drill', 'check', 'down', 'policy', 'probe', 'dns', '(diagram|eject)'],
  'src/rehearsal': ['scenarios', 'fakes'],
};

/** What a folder may not import: all that is above it in its list. */
const upwards = (parent, folders) =>
  folders.slice(1).map((folder, index) => ({
    name: `${parent}/${folder} imports from above`,
    severity: 'error',
    from: { path: `^${parent}/${folder}/` },
    to: { path: `^${parent}/(${folders.slice(0, index + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    { name: 'imports in a circle', severity: 'error', from: {}, to: { circular: true } },
    ...upwards('src', LAYERS),
    ...Object.entries(FOLDERS).flatMap(([parent, folders]) => upwards(parent, folders)),
  ],
  options: {
    // TypeScript 7 has no programming interface that could read the files.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.]test[.]ts$' },
  },
};
