import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test, vi } from 'vitest';
import { fuzzProtobufList, fuzzProtobufWatch } from './fuzz-protobuf.fixture.ts';

// As where there is no WebAssembly.
vi.mock('@bowline/api/protobuf', async (original) => ({ ...(await original<object>()), quickCheck: () => undefined }));

const seed = process.env.BOWLINE_SEED ?? String(Date.now());

Error.stackTraceLimit = 0;

test.each([
  { name: 'lists', fuzz: fuzzProtobufList },
  { name: 'watch streams', fuzz: fuzzProtobufWatch },
])(
  'random protobuf $name, sound and broken, give what their decoder gives when only checkMessage checks them',
  ({ fuzz }) => {
    for (let number = 0; number < 5_000; number++) {
      const random = seededRandom(`${seed} ${number}`);
      const wrong = fuzz((below) => Math.floor(random.next() * below));
      if (wrong !== undefined) expect.fail(`BOWLINE_SEED=${seed}, input ${number}: ${wrong}`);
    }
  },
);
