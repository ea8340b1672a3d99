import { Mailer } from './src/mailer.ts';

const stop = new AbortController();
const mailer = new Mailer();
for (const address of ['ann@example.com', 'bob@example.com', 'ann@example.com', 'flaky@example.com'])
  mailer.ask(address);

let waiting = 3;
let attempts = 0;
const send = async (address: string): Promise<void> => {
  if (address.startsWith('flaky') && ++attempts < 3) throw new Error('mailbox is busy');
  console.log(`sent to ${address}`);
  if (--waiting === 0) stop.abort();
};
await mailer.run(send, stop.signal, (error, address) => console.log(`${address}: ${String(error)}, trying again`));
