import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from './checks/report.ts';

const usage = 'usage: npm run new-package -- NAME "One sentence that says what it does"';
const { positionals } = parseArgs({ allowPositionals: true });
const [name, description] = positionals;

/** Files of the standard skeleton, by path. */
function skeleton(name: string, description: string): Record<string, string> {
  const template = JSON.parse(readFileSync(`${root}packages/apimachinery/package.json`, 'utf8')) as Record<
    string,
    unknown
  >;
  const manifest = {
    ...template,
    name: `@bowline/${name}`,
    description,
    exports: {
      '.': { '@bowline/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    publishConfig: {
      access: 'public',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    },
    repository: { ...(template.repository as object), directory: `packages/${name}` },
    dependencies: { '@bowline/apimachinery': 'workspace:*' },
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'README.md': `# @bowline/${name}\n\n${description}.\n\n## Promises\n\n## Not its job\n\n## Errors\n`,
    'tsconfig.json': readFileSync(`${root}packages/apimachinery/tsconfig.json`, 'utf8'),
    'tsup.config.ts': "import { library } from '../../tsup.base.ts';\n\nexport default library(['src/index.ts']);\n",
    'vitest.config.ts': "export { default } from '../../vitest.base.ts';\n",
    'src/index.ts': `/**\n * ${description}.\n *\n * @module\n */\nexport {};\n`,
  };
}

if (name === undefined || description === undefined) {
  console.error(usage);
  process.exitCode = 1;
} else if (!/^[a-z][a-z0-9-]*$/.test(name)) {
  console.error(`Cannot create package: name must be lower-case letters, digits and dashes, got "${name}"`);
  process.exitCode = 1;
} else if (existsSync(`${root}packages/${name}`)) {
  console.error(`Cannot create package: packages/${name} exists`);
  process.exitCode = 1;
} else {
  for (const [file, text] of Object.entries(skeleton(name, description))) {
    mkdirSync(`${root}packages/${name}/src`, { recursive: true });
    writeFileSync(`${root}packages/${name}/${file}`, text);
  }
  console.log(
    `packages/${name} is there. Next: give it a layer in .dependency-cruiser.cjs, run npx -y pnpm@12 install, write its first promise and test.`,
  );
}
