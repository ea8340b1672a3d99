import { expect, test } from 'vitest';
import { pod } from './events.fixture.ts';
import { FakeRecorder } from './fake-recorder.ts';

test('FakeRecorder keeps events as they were recorded and as lines, and refuses what a recorder refuses', () => {
  const recorder = new FakeRecorder();
  recorder.event(pod, { type: 'Warning', reason: 'BackOff', note: 'It fell over' });
  recorder.event({ kind: 'Node', name: 'n' }, { reason: 'Ready', note: 'It is' });
  expect(recorder.lines).toEqual(['Warning BackOff Pod shop/web: It fell over', 'Normal Ready Node n: It is']);
  expect(recorder.events[0]).toEqual({
    regarding: pod,
    details: { type: 'Warning', reason: 'BackOff', note: 'It fell over' },
  });
  expect(() => recorder.event(pod, { reason: '', note: 'x' })).toThrow('details.reason must be');
  expect(recorder.events).toHaveLength(2);
});
