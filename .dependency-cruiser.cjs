// The layers of docs/architecture.md, enforced: who may import whom, and only through `exports`.
const { readdirSync, readFileSync, existsSync } = require('node:fs');

const layer0 = ['apimachinery', 'api'];
const layers0to3 = [
  ...layer0,
  'client',
  'discovery',
  'listwatch',
  'deltafifo',
  'cache',
  'informer',
  'workqueue',
  'crd',
];
/** Package → packages that its run-time code may import. */
const mayImport = {
  apimachinery: [],
  api: ['apimachinery'],
  client: layer0,
  discovery: layer0,
  listwatch: layer0,
  deltafifo: layer0,
  cache: layer0,
  informer: [...layer0, 'listwatch', 'deltafifo', 'cache'],
  workqueue: ['apimachinery'],
  crd: layer0,
  'controller-runtime': layers0to3,
  apiserver: [...layer0, 'crd'],
  envtest: [...layers0to3, 'controller-runtime', 'apiserver'],
  bowline: [...layers0to3, 'controller-runtime', 'apiserver', 'envtest'],
};

const packages = readdirSync(`${__dirname}/packages`).filter((name) =>
  existsSync(`${__dirname}/packages/${name}/package.json`),
);
for (const name of packages) {
  if (!(name in mayImport)) throw new Error(`Package "${name}" has no layer: add it to .dependency-cruiser.cjs`);
}

const quoted = (text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

/** Pattern of the source files that a package exports. */
function entryPoints(name) {
  const { exports } = JSON.parse(readFileSync(`${__dirname}/packages/${name}/package.json`, 'utf8'));
  return Object.values(exports)
    .map((target) => (typeof target === 'string' ? target : target['@bowline/source']))
    .map((path) => quoted(path.replace(/^\.\//, '')).replaceAll('*', '.+'))
    .join('|');
}

const tests = '\\.test(-d)?\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...packages.map((name) => ({
      name: `layer-${name}`,
      comment: `${name} may import: ${mayImport[name].join(', ') || 'no other package'}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/`, pathNot: tests },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...mayImport[name]].join('|')})/` },
    })),
    ...packages.map((name) => ({
      name: `exports-${name}`,
      comment: `${name} is imported only through its exports`,
      severity: 'error',
      from: { pathNot: `^packages/${name}/` },
      to: { path: `^packages/${name}/`, pathNot: `^packages/${name}/(${entryPoints(name)})$` },
    })),
    {
      name: 'client-node-only-in-tests',
      comment: 'Importing @kubernetes/client-node costs 0.7 s and 80 MB',
      severity: 'error',
      from: { path: '^packages/', pathNot: tests },
      to: { path: '@kubernetes/client-node', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/(?!@bowline))/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@bowline/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
