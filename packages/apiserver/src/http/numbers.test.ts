import { expect, test } from 'vitest';
import { Refusal } from '../errors.ts';
import { configMaps, crds, TestServer, widget, widgetDefinition, widgets } from '../server.fixture.ts';
import { checkNumbers } from './numbers.ts';

test.each([
  '9007199254740991',
  '-9007199254740992',
  '9007199254740992',
  '10000000000000000',
  '9223372036854775808',
  '123456789012345678901234567890',
  '0.12345678901234567890',
  '1e20',
  '1e-400',
  '"9007199254740993"',
  '{"a\\"9007199254740993":"\\\\","b":[-1.5E+3,"1e999"]}',
])('checkNumbers lets pass what is kept as the real server keeps it: %s', (text) => {
  expect(() => checkNumbers(text)).not.toThrow();
});

test.each([
  ['{"a":["9007199254740993",9007199254740993]}', 'number 9007199254740993 cannot be kept'],
  ['-9223372036854775808', 'number -9223372036854775808 cannot be kept'],
  ['9223372036854775807', 'number 9223372036854775807 cannot be kept'],
  ['[1,{"a\\\\":1e400}]', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
])('checkNumbers refuses what would be rounded: %s', (text, message) => {
  expect(() => checkNumbers(text)).toThrow(Refusal);
  expect(() => checkNumbers(text)).toThrow(message);
});

test('ApiServer refuses integers that it cannot keep, however they come', async () => {
  const server = await TestServer.start();
  await server.post(crds, widgetDefinition());
  const made = await server.post(widgets, widget('a'));
  const large = '{"spec":{"size":9007199254740993}}';
  const yaml = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: 9007199254740993}\n';
  const answers = [
    await server.post(widgets, JSON.stringify(widget('b', { size: 42 })).replace('42', '9007199254740993')),
    await server.request('POST', widgets, yaml, { 'content-type': 'application/yaml' }),
    await server.patch('merge', `${widgets}/a`, large),
    await server.patch('json', `${widgets}/a`, '[{"op":"replace","path":"/spec/size","value":9007199254740993}]'),
    await server.patch('apply', `${widgets}/a?fieldManager=x&force=true`, yaml),
    await server.post(configMaps, '{"metadata":{"name":"a","generation":9007199254740993}}'),
  ];
  const message =
    'number 9007199254740993 cannot be kept: this server keeps integers exactly up to ±9007199254740991, and would make it 9007199254740992';
  expect(answers.map(({ status, message: said }) => [status, said])).toEqual(answers.map(() => [400, message]));
  expect((await server.get(`${widgets}/a`)).text).toBe(made.text);
});
