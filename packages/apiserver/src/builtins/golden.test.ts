import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Replay, recordedSuites } from './golden.fixture.ts';

const files = readdirSync(new URL('./testdata/', import.meta.url)).filter((file) => file.endsWith('.json'));

test('ApiServer has answers of a real server to be compared with', () => {
  expect(files.length).toBeGreaterThan(0);
});

for (const file of files) {
  for (const suite of recordedSuites(file.replace(/\.json$/, ''))) {
    describe(`ApiServer answers as the real server: ${suite.kind}`, async () => {
      const replay = new Replay(suite);
      await replay.start();
      test.each(suite.create.map(({ title }, index) => [title, index] as const))(
        'create: %s',
        async (_title, index) => {
          const { ours, real } = await replay.create(index);
          expect(ours).toEqual(real);
        },
      );
      test.each(suite.update.map(({ title }, index) => [title, index] as const))(
        'update: %s',
        async (_title, index) => {
          const { ours, real } = await replay.update(index);
          expect(ours).toEqual(real);
        },
      );
    });
  }
}
