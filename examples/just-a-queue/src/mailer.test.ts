import { expect, test } from 'vitest';
import { Mailer } from './mailer.ts';

test('Mailer sends one letter per address and tries again what failed', async () => {
  const stop = new AbortController();
  const mailer = new Mailer();
  for (const address of ['ann', 'bob', 'ann', 'flaky']) mailer.ask(address);
  const sent: string[] = [];
  const failed: string[] = [];
  await mailer.run(
    async (address) => {
      if (address === 'flaky' && failed.length < 2) throw new Error('busy');
      sent.push(address);
      if (sent.length === 3) stop.abort();
    },
    stop.signal,
    (_, address) => failed.push(address),
  );
  expect(sent).toEqual(['ann', 'bob', 'flaky']);
  expect(failed).toEqual(['flaky', 'flaky']);
});
