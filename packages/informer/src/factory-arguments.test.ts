import { expect, test } from 'vitest';
import { SharedInformerFactory } from './factory.ts';
import { Widget } from './informer.fixture.ts';
import { FakeItemServer } from './testing.ts';

test.each([undefined, null, 5, {}, Promise.resolve(Widget)])(
  'SharedInformerFactory.forKind and forResource refuse %s at the call',
  (wrong) => {
    const factory = new SharedInformerFactory(new FakeItemServer());
    const message = 'Cannot get informer: resource must be a kind, or an object with group, version and resource, got ';
    expect(() => factory.forKind(wrong as never)).toThrow(message);
    expect(() => factory.forResource(wrong as never)).toThrow(message);
  },
);

test.each([undefined, 5, {}])(
  'SharedInformerFactory.waitForSync refuses %s however many informers there are',
  async (wrong) => {
    const factory = new SharedInformerFactory(new FakeItemServer());
    const refusal = { name: 'TypeError', message: expect.stringContaining('signal must be an AbortSignal, got ') };
    await expect(factory.waitForSync(wrong as never)).rejects.toMatchObject(refusal);
    factory.forKind(Widget).informer();
    factory.informer(Widget, { metadataOnly: true });
    await expect(factory.waitForSync(wrong as never)).rejects.toMatchObject(refusal);
  },
);
