import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { HeadRemover } from './head-remover.ts';

function removed(text: string, size: number): string {
  const remover = new HeadRemover();
  let all = '';
  for (let at = 0; at < text.length; at += size)
    all += toText(remover.take(toBytes(text.slice(at, at + size))));
  return all;
}

describe('HeadRemover', () => {
  for (const [text, body] of [
    ['HTTP/1.1 200 OK\r\n\r\nbody', 'body'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\nmore', 'body\r\n\r\nmore'],
    ['HTTP/1.1 200 OK\r\n\r\n', ''],
    ['HTTP/1.1 200 OK\r\nA: b\r\n', ''],
  ] as const)
    it(`leaves ${JSON.stringify(body)} of ${JSON.stringify(text)}`, () => {
      for (const size of [100, 1, 2, 3, 4, 5]) assert.equal(removed(text, size), body);
    });
});
