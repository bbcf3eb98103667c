import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { denyService, hashResolver, inbandRouter, plugProxy, service } from '../index.ts';
import { parseClient, parseDestination, parseNumber } from './question.ts';

describe('parseClient()', () => {
  it('takes addresses with and without a port', () => {
    const texts = ['10.0.0.1', '10.0.0.1:5', '::1', '[::1]', '[::1]:5', '::ffff:10.0.0.1'];
    assert.deepEqual(
      texts.map((text) => String(parseClient(text).address)),
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

describe('parseClient() with --source-port', () => {
  it('takes the port from either, and knows whether it was given', () => {
    const told = (text: string, port?: string): readonly unknown[] => {
      const { address, hasPort } = parseClient(text, port);
      return [String(address), hasPort];
    };
    assert.deepEqual(told('10.0.0.1'), ['10.0.0.1:40000', false]);
    assert.deepEqual(told('10.0.0.1', '53'), ['10.0.0.1:53', true]);
    assert.deepEqual(told('10.0.0.1:53'), ['10.0.0.1:53', true]);
    assert.deepEqual(told('[::1]:53', '53'), ['[::1]:53', true]);
  });

  it('refuses two different ports as wrong use', () => {
    assert.throws(() => parseClient('10.0.0.1:5', '6'), {
      exitCode: 2,
      message:
        '--source-port 6 and --client 10.0.0.1:5 name two ports of the client: give one of them',
    });
    assert.throws(() => parseClient('10.0.0.1', '0'), { exitCode: 2 });
  });
});

describe('parseNumber()', () => {
  it('takes canonical whole numbers within the range, and nothing else', () => {
    const range = { min: 0, max: 0xffff_ffff };
    assert.equal(parseNumber('--x', '0', range), 0);
    assert.equal(parseNumber('--x', '4294967295', range), 0xffff_ffff);
    for (const text of [
      '',
      '-1',
      '+1',
      '01',
      '1.5',
      '1e3',
      ' 1',
      '0x1',
      '4294967296',
      '10000000000',
    ])
      assert.throws(() => parseNumber('--x', text, range), {
        exitCode: 2,
        message: /^--x ".*" is out of range: give a whole number of 0 to 4294967295$/,
      });
  });
});

/** A policy without tables of names. */
const NO_TABLES = { services: [] };

describe('parseDestination()', () => {
  const world = new CliWorld();
  world.names.set('www.example.org', ['192.0.2.7', '2001:db8::7']);
  world.names.set('nothing.example.org', []);

  it('takes addresses', async () => {
    const to = await parseDestination('192.0.2.1:443', NO_TABLES, world.tools);
    assert.deepEqual([String(to.address), to.resolved], ['192.0.2.1:443', undefined]);
    assert.equal(
      String((await parseDestination('2001:db8::1', NO_TABLES, world.tools)).address),
      '[2001:db8::1]:80',
    );
  });

  it('looks names up, and keeps all their addresses', async () => {
    const to = await parseDestination('www.example.org:443', NO_TABLES, world.tools);
    assert.equal(String(to.address), '192.0.2.7:443');
    assert.deepEqual(to.resolved, ['192.0.2.7', '2001:db8::7']);
    assert.equal(
      String((await parseDestination('www.example.org', NO_TABLES, world.tools)).address),
      '192.0.2.7:80',
    );
  });

  it('finds names in the tables of the policy that the system does not know', async () => {
    const resolver = hashResolver({
      mapping: { 'inner.example.org': ['192.0.2.9', '192.0.2.10'] },
    });
    const table = service('table', { proxy: plugProxy(), router: inbandRouter(), resolver });
    const policy = { services: [denyService('no'), table] };
    const to = await parseDestination('Inner.example.org:443', policy, world.tools);
    assert.deepEqual([String(to.address), to.resolved], ['192.0.2.9:443', []]);
  });

  it('says in one sentence that a name does not resolve', async () => {
    await assert.rejects(parseDestination('no.example.org', NO_TABLES, world.tools), {
      code: 'explain.unresolved',
      exitCode: 1,
      message:
        'Cannot resolve "no.example.org" (ENOTFOUND): correct the name, or give an IP address',
    });
    await assert.rejects(
      parseDestination('nothing.example.org', NO_TABLES, world.tools),
      /it has no address/,
    );
  });

  it('refuses what is neither as wrong use', async () => {
    for (const text of ['', 'a b', 'host:0', 'host:65536', 'http://host/', ':80', '[::1]:x'])
      await assert.rejects(parseDestination(text, NO_TABLES, world.tools), {
        exitCode: 2,
        message: /^--to /,
      });
  });
});
