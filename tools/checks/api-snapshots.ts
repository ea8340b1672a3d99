import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { publicApi } from './public-api.ts';
import { report, root } from './report.ts';
import { workspacePackages } from './workspace.ts';

// Compares each package's public API with `api.snapshot.txt` beside its package.json. `--update` rewrites the snapshots
// and insists on a changeset for each package whose API changed.
const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const changesets = globSync('.changeset/*.md', { cwd: root })
  .filter((file) => !file.endsWith('README.md'))
  .map((file) => readFileSync(root + file, 'utf8'));
const failures: string[] = [];
let passed = 0;
for (const { folder, manifest } of workspacePackages()) {
  const file = `${folder}/api.snapshot.txt`;
  const now = publicApi(folder, manifest);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (now === before) passed += 1;
  else if (!values.update)
    failures.push(
      `${manifest.name}: the public API changed. Run \`npm run api -- --update\` and \`npm run changeset\``,
    );
  else if (changesets.some((text) => text.includes(`"${manifest.name}"`))) {
    writeFileSync(file, now);
    passed += 1;
  } else
    failures.push(
      `${manifest.name}: the public API changed and no changeset names the package. Run \`npm run changeset\``,
    );
}
report({ name: 'api-snapshots', passed, failures });
