import { seededRandom } from '@bowline/apimachinery/testing';
import { expect, test, vi } from 'vitest';
import { fuzzJsonList, fuzzJsonWatch } from './fuzz-json.fixture.ts';
import { fuzzProtobufList, fuzzProtobufWatch } from './fuzz-protobuf.fixture.ts';

// As where there is no WebAssembly.
vi.mock('@bowline/api/protobuf', async (original) => ({ ...(await original<object>()), quickCheck: () => undefined }));
vi.mock('./item-scan.ts', async (original) => ({ ...(await original<object>()), itemScan: () => undefined }));

const seed = process.env.BOWLINE_SEED ?? String(Date.now());

Error.stackTraceLimit = 0;

test.each([
  { name: 'JSON lists', fuzz: fuzzJsonList },
  { name: 'JSON watch streams', fuzz: fuzzJsonWatch },
  { name: 'protobuf lists', fuzz: fuzzProtobufList },
  { name: 'protobuf watch streams', fuzz: fuzzProtobufWatch },
])('random $name, sound and broken, give what their decoder gives when only TypeScript checks them', ({ fuzz }) => {
  for (let number = 0; number < 10_000; number++) {
    const random = seededRandom(`${seed} ${number}`);
    const wrong = fuzz((below) => Math.floor(random.next() * below));
    if (wrong !== undefined) expect.fail(`BOWLINE_SEED=${seed}, input ${number}: ${wrong}`);
  }
});
