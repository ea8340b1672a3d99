import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './checks/report.ts';
import { type ManifestTemplate, problemOf, skeleton } from './skeleton.ts';

// `npm run new-package -- NAME "SENTENCE"`
const { positionals } = parseArgs({ allowPositionals: true });
const [name = '', description = ''] = positionals;
const folder = `${root}packages/${name}`;
const problem =
  problemOf(positionals[0], positionals[1]) ??
  (existsSync(folder) ? `Cannot create package: packages/${name} exists` : undefined);
if (problem === undefined) {
  const template = JSON.parse(readFileSync(`${root}packages/workqueue/package.json`, 'utf8')) as ManifestTemplate;
  for (const [file, text] of Object.entries(skeleton(name, description, template))) {
    mkdirSync(dirname(`${folder}/${file}`), { recursive: true });
    writeFileSync(`${folder}/${file}`, text);
  }
  execFileSync('pnpm', ['install', '--no-frozen-lockfile', '--prefer-offline'], { cwd: root, stdio: 'inherit' });
  console.log(`packages/${name} is there. Next:
  - give it a layer in .dependency-cruiser.cjs
  - add it to the dependencies of packages/bowline and tools, then run npx -y pnpm@12 install
  - write its first promise and the test of it; then npm run api -- --update and npm run changeset`);
} else {
  console.error(problem);
  process.exitCode = 1;
}
