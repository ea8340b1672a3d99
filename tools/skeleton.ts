/** What the package.json of an existing package gives to a new one. */
export type ManifestTemplate = Readonly<Record<string, unknown>>;

/** Says what is wrong with the arguments of `npm run new-package`, or nothing. */
export function problemOf(name: string | undefined, description: string | undefined): string | undefined {
  if (name === undefined || description === undefined)
    return 'usage: npm run new-package -- NAME "One sentence that says what it does"';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return `Cannot create package: name must be lower-case letters, digits and dashes, got "${name}"`;
  if (description.trim() === '' || description.endsWith('.') || description.includes('\n'))
    return `Cannot create package: description must be one sentence without a full stop, got "${description}"`;
  return undefined;
}

/** Files of a new package, by path. */
export function skeleton(name: string, description: string, template: ManifestTemplate): Record<string, string> {
  const published = { types: './dist/index.d.ts', default: './dist/index.js' };
  const manifest = {
    ...template,
    name: `@bowline/${name}`,
    description,
    exports: { '.': { '@bowline/source': './src/index.ts', ...published }, './package.json': './package.json' },
    publishConfig: { access: 'public', exports: { '.': published, './package.json': './package.json' } },
    repository: { ...(template.repository as object), directory: `packages/${name}` },
    dependencies: { '@bowline/apimachinery': 'workspace:*' },
    devDependencies: undefined,
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'README.md': `# @bowline/${name}\n\n${description}.\n\n## Promises\n\n## Not its job\n\n## Errors\n`,
    'tsconfig.json':
      '{\n  "extends": "../../tsconfig.base.json",\n  "compilerOptions": {\n    "noEmit": true\n  },\n  "include": ["src"]\n}\n',
    'tsup.config.ts': "import { library } from '../../tsup.base.ts';\n\nexport default library(['src/index.ts']);\n",
    'vitest.config.ts': "export { default } from '../../vitest.base.ts';\n",
    'src/index.ts': `/**\n * ${description}.\n *\n * @module\n */\nexport {};\n`,
  };
}
