import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { PolicyFiles } from '../../test/support/policy-files.ts';

const files = new PolicyFiles();
after(() => files.remove());
const dir = ['--dir', files.path('ca')];

function ca(...args: readonly string[]): ReturnType<CliWorld['run']> {
  return new CliWorld().run('ca', ...args);
}

describe('zorp ca', () => {
  it('makes authorities, shows them and exports their certificates', async () => {
    const [code, made, err] = await ca('init', ...dir, '--name', 'Büro');
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      made,
      /^trusted: CN=Büro CA\n {2}certificate .*trusted\.pem\n {2}SHA-256 {5}[0-9A-F:]{95}\n/,
    );
    assert.match(made, /^untrusted: CN=Büro CA for UNTRUSTED servers$/m);
    assert.deepEqual(await ca('show', ...dir), [0, made, '']);
    const [, pem] = await ca('export', ...dir);
    const certificate = new X509Certificate(pem);
    assert.ok(made.includes(certificate.fingerprint256));
    const out = files.path('untrusted.crt');
    const der = ['--authority', 'untrusted', '--form', 'der', '--out', out];
    assert.deepEqual(await ca('export', ...dir, ...der), [0, '', '']);
    const untrusted = new X509Certificate(readFileSync(out));
    assert.equal(untrusted.subject, 'CN=Büro CA for UNTRUSTED servers');
    assert.equal(readFileSync(out)[0], 0x30);
  });

  it('says it to machines', async () => {
    const [code, out] = await ca('show', ...dir, '--json');
    const { ok, authorities } = JSON.parse(out) as { ok: boolean; authorities: { kind: string }[] };
    assert.deepEqual([code, ok], [0, true]);
    assert.deepEqual(
      authorities.map(({ kind }) => kind),
      ['trusted', 'untrusted'],
    );
    const exported = JSON.parse((await ca('export', ...dir, '--json'))[1]) as {
      certificate: string;
    };
    assert.match(exported.certificate, /^-----BEGIN CERTIFICATE-----/);
  });

  it('overwrites nothing, and says what is wrong', async () => {
    const [code, , err] = await ca('init', ...dir);
    assert.equal(code, 1);
    assert.match(err, /is there already: clients may trust it/);
    const wrong: readonly (readonly string[])[] = [
      ['export', ...dir, '--form', 'der'],
      ['export', ...dir, '--form', 'p12'],
      ['export', ...dir, '--authority', 'other'],
      ['init', '--name', ' '],
      ['init', '--name', 'x'.repeat(33)],
    ];
    for (const args of wrong) assert.equal((await ca(...args))[0], 2, args.join(' '));
    assert.match((await ca('show', '--dir', files.path('none')))[2], /"zorp ca init" makes it/);
  });
});
