import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { parseClient, parseDestination } from './question.ts';

describe('parseClient()', () => {
  it('takes addresses with and without a port', () => {
    const texts = ['10.0.0.1', '10.0.0.1:5', '::1', '[::1]', '[::1]:5', '::ffff:10.0.0.1'];
    assert.deepEqual(
      texts.map((text) => String(parseClient(text))),
      [
        ...['10.0.0.1:40000', '10.0.0.1:5'],
        ...['[::1]:40000', '[::1]:40000', '[::1]:5', '10.0.0.1:40000'],
      ],
    );
  });

  it('refuses anything else as wrong use', () => {
    for (const text of ['', 'localhost', '10.0.0.1:99999', '10.0.0.256', '[10.0.0.1', '1.2.3'])
      assert.throws(() => parseClient(text), {
        exitCode: 2,
        message: /^--client ".*" is no IP addr/,
      });
  });
});

describe('parseDestination()', () => {
  const world = new CliWorld();
  world.names.set('www.example.org', ['192.0.2.7', '2001:db8::7']);
  world.names.set('nothing.example.org', []);

  it('takes addresses', async () => {
    const to = await parseDestination('192.0.2.1:443', world.tools);
    assert.deepEqual([String(to.address), to.resolved], ['192.0.2.1:443', undefined]);
    assert.equal(
      String((await parseDestination('2001:db8::1', world.tools)).address),
      '[2001:db8::1]:80',
    );
  });

  it('looks names up, and keeps all their addresses', async () => {
    const to = await parseDestination('www.example.org:443', world.tools);
    assert.equal(String(to.address), '192.0.2.7:443');
    assert.deepEqual(to.resolved, ['192.0.2.7', '2001:db8::7']);
    assert.equal(
      String((await parseDestination('www.example.org', world.tools)).address),
      '192.0.2.7:80',
    );
  });

  it('says in one sentence that a name does not resolve', async () => {
    await assert.rejects(parseDestination('no.example.org', world.tools), {
      code: 'explain.unresolved',
      exitCode: 1,
      message:
        'Cannot resolve "no.example.org" (ENOTFOUND): correct the name, or give an IP address',
    });
    await assert.rejects(parseDestination('nothing.example.org', world.tools), /it has no address/);
  });

  it('refuses what is neither as wrong use', async () => {
    for (const text of ['', 'a b', 'host:0', 'host:65536', 'http://host/', ':80', '[::1]:x'])
      await assert.rejects(parseDestination(text, world.tools), { exitCode: 2, message: /^--to / });
  });
});
