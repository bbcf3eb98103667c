import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { LOOK_EVERY_MS } from '../io/list-file.ts';
import { FOLDER_LOOK_EVERY_MS } from '../io/list-folder.ts';
import { readListFiles, watchListFiles } from './list-files.ts';
import { PolicyLoadError } from './load-fault.ts';
import { loadPolicy } from './load-policy.ts';

const files = new PolicyFiles();
after(() => files.remove());

/** A policy with one line more, before definePolicy or after it. */
function policyWith(line: string, where: 'before' | 'after' = 'before'): string {
  const imported = GOOD_POLICY.replace('import {', 'import { domainMatcher, regexpFileMatcher,');
  return where === 'after'
    ? `${imported}${line}\n`
    : imported.replace('export default', `${line}\nexport default`);
}

const TWO_LISTS =
  "const a = domainMatcher({ file: 'lists/hosts.txt' }), b = regexpFileMatcher({ matchFile: 'lists/urls.txt' });";

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** A policy whose authorities are at this path. */
function trusting(path: string): string {
  const line = `serverOnlyEncryption({ serverVerify: { authorities: '${path}' } });`;
  return policyWith(line).replace('import {', 'import { serverOnlyEncryption,');
}

async function faultsOf(policy: string): Promise<string> {
  const error: unknown = await loadPolicy(files.write('policy.ts', policy)).catch(
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PolicyLoadError, String(error));
  return error.message.replaceAll(`${files.folder}/`, '');
}

describe('the lists of a policy that is loaded', () => {
  it('are read, from paths relative to the file that names them', async () => {
    const hosts = files.write('lists/hosts.txt', 'a.example\n');
    const urls = files.write('lists/urls.txt', 'x\n');
    const { lists } = await loadPolicy(files.write('policy.ts', policyWith(TWO_LISTS)));
    assert.deepEqual(
      lists.map(({ path }) => path),
      [hosts, urls],
    );
  });

  it('are refused with file, line, value and cure: all of them at once', async () => {
    files.write('lists/hosts.txt', 'a.example\n*.b.example\n');
    files.write('lists/urls.txt', '# urls\nx\n\ny(\n');
    assert.equal(
      await faultsOf(policyWith(TWO_LISTS)),
      [
        'lists/hosts.txt:2: "*.b.example": write ".b.example" for the names below',
        'lists/urls.txt:4: "y(": correct it: missing closing ): `y(`',
      ].join('\n'),
    );
  });

  it('are refused when they are not there, at the line of the policy', async () => {
    files.write('lists/hosts.txt', 'a.example\n');
    const text = await faultsOf(policyWith("const a = domainMatcher({ file: 'no/list.txt' });"));
    assert.match(
      text,
      /^policy\.ts:\d+:\d+: list ".*no\/list\.txt" is not there: correct the path, or write the file$/,
    );
  });

  it('may be missing where they need not be there, and are called what they are', async () => {
    const web = "service('web', { proxy: httpProxy({ errorPages: { directory: 'pages' } }) });";
    const policy = GOOD_POLICY.replace('import {', 'import { httpProxy,').replace(
      'export default',
      `${web}\nexport default`,
    );
    assert.match(
      await faultsOf(policy),
      /^policy\.ts:\d+:\d+: error page ".*pages\/en\/error\.html" is not there: correct/,
    );
    files.write('pages/en/error.html', '<p>@INFO@\n@VERSION@');
    files.write('pages/en/policy.html', '');
    assert.deepEqual((await faultsOf(policy)).split('\n'), [
      'pages/en/error.html:2: "@VERSION@": remove it: pages do not tell clients which version runs here',
      'pages/en/policy.html: "": write a page, or remove the file',
    ]);
    files.write('pages/en/error.html', '<p>@INFO@');
    files.write('pages/en/policy.html', '<p>@REASON@');
    const { lists } = await loadPolicy(files.write('policy.ts', policy));
    assert.ok(lists.length > 2);
  });

  it('are not there for a matcher that is made too late, which is refused', async () => {
    files.write('lists/hosts.txt', 'a.example\n');
    const late = policyWith("const a = domainMatcher({ file: 'lists/hosts.txt' });", 'after');
    assert.match(await faultsOf(late), /a matcher is made after definePolicy\(\) was called: make/);
  });

  it('do not stay for the next policy when one does not load', async () => {
    files.write('lists/hosts.txt', 'a.example\n');
    await faultsOf(policyWith(`${TWO_LISTS} throw new Error('no');`));
    const { lists } = await loadPolicy(files.write('good.ts', GOOD_POLICY));
    assert.deepEqual(lists, []);
  });

  it('stop nothing else while they are read, however long they are', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `host-${index}.example\n`);
    files.write('lists/hosts.txt', lines.join(''));
    files.write('lists/urls.txt', 'x\n');
    const { policy, file } = await loadPolicy(files.write('policy.ts', policyWith(TWO_LISTS)));
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    count();
    await readListFiles(policy, file);
    isOver = true;
    assert.ok(turns >= 3, `others had ${turns} turns`);
  });
});

describe('a folder in the place of a list', () => {
  it('is read where one may be, and refused with the file and the cure if something is wrong', async () => {
    files.write('good/a.pem', CERTIFICATE);
    const { lists } = await loadPolicy(files.write('policy.ts', trusting('good')));
    assert.deepEqual(
      lists.map(({ path }) => path),
      [files.path('good')],
    );
    files.write('empty/README', 'nothing');
    files.write('binary/a.crt', '');
    writeFileSync(files.path('binary/a.crt'), Buffer.from([0x30, 0x82, 0xff]));
    files.write('text/a.crt', 'text');
    assert.equal(
      await faultsOf(trusting('empty')),
      'empty: empty has no certificate: put PEM files there that end in .pem, .crt or .cer, or name another folder',
    );
    assert.match(
      await faultsOf(trusting('binary')),
      /^policy\.ts:\d+:\d+: certificate file "binary\/a\.crt" is not UTF-8: write it as UTF-8 text$/,
    );
    assert.match(
      await faultsOf(trusting('text')),
      /^text: .*text\/a\.crt has no certificate: give a PEM/,
    );
    assert.match(await faultsOf(trusting('none')), /certificate file "none" is not there: correct/);
    const lines = "const a = domainMatcher({ file: 'good' });";
    assert.match(await faultsOf(policyWith(lines)), /good" is no file/);
  });
});

describe('watchListFiles()', () => {
  const lookTwice = async (clock: ManualClock, everyMs = LOOK_EVERY_MS): Promise<void> => {
    for (let look = 0; look < 2; look++) {
      clock.advance(everyMs);
      while (clock.armed < 1) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  it('takes over a good content, keeps the old one before a faulty one, and logs both', async () => {
    const path = files.write('lists/hosts.txt', 'a.example\n');
    const line = "const a = domainMatcher({ file: 'lists/hosts.txt' });";
    const { lists } = await loadPolicy(files.write('policy.ts', policyWith(line)));
    const clock = new ManualClock();
    const log = new MemoryLog();
    const stop = watchListFiles(lists, clock, log);

    writeFileSync(path, 'b.example\n');
    await lookTwice(clock);
    writeFileSync(path, 'c.example\nd example\n');
    await lookTwice(clock);
    rmSync(path);
    await lookTwice(clock);
    stop();
    assert.equal(clock.armed, 0);
    assert.deepEqual(log.codes, [
      'policy.list-read',
      'policy.list-faulty',
      'policy.list-unreadable',
    ]);
    const [read, faulty, gone] = log.lines;
    assert.equal(read?.message, `The list ${path} has changed and is used`);
    assert.match(
      faulty?.message ?? '',
      /is refused, what was read before stays: .*txt:2: "d example"/,
    );
    assert.deepEqual(faulty?.fields, { file: path, line: 2 });
    // The line in the message is one of the policy.
    assert.match(
      gone?.message ?? '',
      /policy\.ts:\d+:\d+: list ".*" is not there: correct the path/,
    );
    assert.deepEqual(gone?.fields, { file: path, line: undefined });
  });

  it('says which lists have no entries, when it begins and when they are read anew', async () => {
    const path = files.write('lists/hosts.txt', '# none yet\n');
    const line = "const a = domainMatcher({ file: 'lists/hosts.txt' });";
    const { lists } = await loadPolicy(files.write('policy.ts', policyWith(line)));
    const clock = new ManualClock();
    const log = new MemoryLog();
    const stop = watchListFiles(lists, clock, log);
    assert.deepEqual(log.codes, ['policy.list-empty']);
    assert.match(
      log.lines[0]?.message ?? '',
      /hosts\.txt has no entries .*: write entries into it/,
    );
    writeFileSync(path, 'b.example\n');
    await lookTwice(clock);
    writeFileSync(path, '# none any more\n');
    await lookTwice(clock);
    stop();
    const empty = 'policy.list-empty';
    assert.deepEqual(log.codes, [empty, 'policy.list-read', 'policy.list-read', empty]);
  });

  it('says that a file is gone which need not be there', async () => {
    files.write('pages/en/error.html', '@INFO@');
    const path = files.write('pages/en/policy.html', '@INFO@');
    const line = "const a = httpProxy({ errorPages: { directory: 'pages' } });";
    const policy = policyWith(line).replace('import {', 'import { httpProxy,');
    const { lists } = await loadPolicy(files.write('policy.ts', policy));
    const clock = new ManualClock();
    const log = new MemoryLog();
    const stop = watchListFiles(lists, clock, log);
    rmSync(path);
    for (let look = 0; look < 2; look++) {
      clock.advance(LOOK_EVERY_MS);
      while (clock.armed < lists.length) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    stop();
    const told = log.lines.map(({ code, message }) => [code, message]);
    const message = `The error page ${path} is gone and is not used any more`;
    assert.deepEqual(told, [['policy.list-read', message]]);
  });

  it('takes over a folder whose files come and go, and keeps the old ones before a faulty one', async () => {
    const path = files.write('trusted/a.pem', CERTIFICATE);
    const { lists } = await loadPolicy(files.write('policy.ts', trusting('trusted')));
    const clock = new ManualClock();
    const log = new MemoryLog();
    const stop = watchListFiles(lists, clock, log);
    const change = async (text: string | undefined): Promise<void> => {
      if (text === undefined) rmSync(files.path('trusted/b.crt'));
      else files.write('trusted/b.crt', text);
      await lookTwice(clock, FOLDER_LOOK_EVERY_MS);
    };
    await change(CERTIFICATE.replace('MIIB', 'MIIC'));
    await change('no PEM');
    await change(undefined);
    rmSync(path);
    await lookTwice(clock, FOLDER_LOOK_EVERY_MS);
    stop();
    const told = log.lines.map(
      ({ code, message }) => `${code} ${message.replaceAll(files.folder, '')}`,
    );
    assert.deepEqual(told, [
      'policy.list-read The certificate file /trusted has changed and is used',
      'policy.list-faulty A file has changed and is refused, what was read before stays: ' +
        '/trusted: /trusted/b.crt has no certificate: give a PEM file with -----BEGIN CERTIFICATE-----',
      'policy.list-read The certificate file /trusted has changed and is used',
      'policy.list-faulty A file has changed and is refused, what was read before stays: ' +
        '/trusted: trusted has no certificate: put PEM files there that end in .pem, .crt or .cer, or name another folder',
    ]);
  });
});
