import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, page } from '../../../test/support/http-dialogue.ts';
import { end, received, sendLike } from '../../../test/support/playbook.ts';
import { accept, drop } from '../../proxy/policy-action.ts';
import { changeName, changeValue, insert } from './rules/header-action.ts';
import { httpProxy } from './index.ts';
import type { HttpOptions } from './http-options.ts';
import { readSettings } from './settings.ts';

describe('readSettings()', () => {
  it('fills in what the mode implies', () => {
    const transparent = readSettings({}).settings;
    const explicit = readSettings({ mode: 'explicit' }).settings;
    assert.deepEqual(
      [transparent.permitServerRequests, transparent.permitProxyRequests],
      [true, false],
    );
    assert.deepEqual([explicit.permitServerRequests, explicit.permitProxyRequests], [false, true]);
    assert.equal(String(transparent.targetPorts), '80,443');
  });

  it('permits CONNECT where a service takes it', () => {
    const connect = { kind: 'service', name: 'inner', proxy: httpProxy() } as const;
    assert.deepEqual(Object.keys(readSettings({}).settings.request), ['GET', 'HEAD', 'POST']);
    assert.ok('CONNECT' in readSettings({ connect }).settings.request);
  });

  it('takes no table of requests that lets nothing come to connect', () => {
    const connect = { kind: 'service', name: 'inner', proxy: httpProxy() } as const;
    const faultsOf = (request: HttpOptions['request']): readonly string[] =>
      readSettings({ connect, request: request ?? {} }).faults.map(
        ({ path, cure }) => `${path}: ${cure}`,
      );
    assert.deepEqual(faultsOf({ GET: accept() }), [
      'request: write CONNECT: accept() into it, too, or remove connect: what is not listed is refused',
    ]);
    assert.deepEqual(faultsOf({ GET: accept(), CONNECT: accept() }), []);
    assert.deepEqual(faultsOf({ '*': accept() }), []);
  });

  it('tells a long URL from a long line', () => {
    for (const [length, code] of [
      [4_097, 'http.url-too-long'],
      [8_192, 'http.first-line-too-long'],
    ] as const)
      begun()
        .when(received('client', `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\nHost: a\r\n\r\n`))
        .expect(sendLike('client', page(414, code)), end('client'));
  });

  it('says of a long URL what can be done about it, however long lines may be', () => {
    const [fault] = readSettings({ maxUrlLength: 32_768, maxLineLength: 32_768 }).faults;
    assert.match(fault?.cure ?? '', /^give less than maxLineLength has/);
  });

  it('takes a shorter line than the longest URL, unless both were asked for', () => {
    assert.deepEqual(readSettings({ maxLineLength: 1_024 }).faults, []);
    assert.deepEqual(readSettings({ maxUrlLength: 16_384, maxLineLength: 32_768 }).faults, []);
  });

  it('says for each option what to write', () => {
    for (const option of Object.keys(readSettings({}).settings)) {
      const [fault] = readSettings({ [option]: null }).faults;
      assert.equal(fault?.path, option);
      assert.doesNotMatch(fault.cure, /Invalid input/);
    }
  });

  const faulty: readonly (readonly [unknown, string])[] = [
    [{ mode: 'other' }, 'mode'],
    [{ nonsense: 1 }, 'nonsense'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ logRequests: 'no' }, 'logRequests'],
    [{ maxLineLength: 32_769 }, 'maxLineLength'],
    [{ maxUrlLength: 8_192 }, 'maxUrlLength'],
    [{ maxUrlLength: 1_024, maxLineLength: 1_024 }, 'maxUrlLength'],
    [{ targetPorts: '0' }, 'targetPorts'],
    [{ targetPorts: null }, 'targetPorts'],
    [{ request: { 'GET ': accept() } }, 'request.GET '],
    [{ request: { GET: drop() } }, 'request.GET'],
    [{ request: { CONNECT: accept() } }, 'request.CONNECT'],
    [{ response: { 404: accept() } }, 'response.404'],
    [{ response: { GET: { '4x': accept() } } }, 'response.GET.4x'],
    [{ requestHeader: { 'A B': drop() } }, 'requestHeader.A B'],
    [{ requestHeader: { 'content-length': drop() } }, 'requestHeader.content-length'],
    [{ responseHeader: { 'Transfer-Encoding': insert('x') } }, 'responseHeader.Transfer-Encoding'],
    [{ requestHeader: { A: changeName('Content-Length') } }, 'requestHeader.A'],
    [{ requestHeader: { A: changeValue('x\r\ny') } }, 'requestHeader.A'],
    [{ requestHeader: { Host: drop() } }, 'requestHeader.Host'],
    [{ requestHeader: 5 }, 'requestHeader'],
  ];
  for (const [options, path] of faulty)
    it(`finds the fault in ${JSON.stringify(options)}`, () => {
      const { faults } = readSettings(options as HttpOptions);
      assert.deepEqual(
        faults.map((fault) => fault.path),
        [path],
      );
    });
});
