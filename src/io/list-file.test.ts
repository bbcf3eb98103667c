import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import type { ListContent } from './list-file.ts';
import { LOOK_EVERY_MS, lookAtFile, readListFile, watchContent, watchedFile } from './list-file.ts';

const files = new PolicyFiles();
after(() => files.remove());

describe('readListFile()', () => {
  it('gives the text, and what the file looked like', async () => {
    const path = files.write('a.txt', 'äöü\n');
    const content = await readListFile(path);
    assert.deepEqual(content, { ok: true, text: 'äöü\n', stamp: await lookAtFile(path) });
  });

  it('gives long texts whole, wherever they are cut', async () => {
    const text = `\uFEFFx${'ä€🦊\n'.repeat(400_000)}`; // more than four pieces, cut within characters
    const content = await readListFile(files.write('long-text.txt', text));
    assert.equal(content.ok && content.text === text.slice(1), true);
  });

  const problem = async (path: string, maxBytes?: number): Promise<string> => {
    const content = await readListFile(path, maxBytes);
    return content.ok ? 'none' : content.problem;
  };

  it('says what is wrong with a file', async () => {
    assert.equal(await problem(files.path('missing.txt')), 'is not there');
    assert.equal(await problem(files.folder), 'is no file');
    assert.equal(await problem(`${files.write('b.txt', 'x')}/c`), 'is not there');
    const latin1 = files.path('latin1.txt');
    writeFileSync(latin1, Buffer.from([0x66, 0xfc, 0x72]));
    assert.equal(await problem(latin1), 'is not UTF-8');
    writeFileSync(latin1, Buffer.from([0x66, 0xc3])); // ends within a character
    assert.equal(await problem(latin1), 'is not UTF-8');
    assert.match(await problem(`${files.folder}/${'x'.repeat(300)}`), /^cannot be read \(ENAMETOO/);
  });

  it('does not wait for whoever writes into a FIFO', async () => {
    const path = files.path('fifo');
    execFileSync('mkfifo', [path]);
    assert.equal(await problem(path), 'is no file');
  });

  it('does not wait for a FIFO that takes the place of the file meanwhile', async () => {
    const path = files.write('swapped.txt', 'x');
    const fifo = files.path('other-fifo');
    execFileSync('mkfifo', [fifo]);
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const reading = problem(path);
      renameSync(fifo, path); // after stat() was begun, before open()
      seen.add(await reading);
      renameSync(path, fifo);
      files.write('swapped.txt', 'x');
    }
    assert.deepEqual(
      [...seen].filter((one) => one !== 'is no file' && one !== 'none'),
      [],
    );
  });

  it('reads no more than it may', async () => {
    const path = files.write('long.txt', 'x'.repeat(100));
    assert.equal(await problem(path, 100), 'none');
    assert.equal(await problem(path, 99), 'has more than 99 bytes');
    // The size that such a file tells is 0.
    assert.equal(await problem('/proc/self/maps', 99), 'has more than 99 bytes');
  });
});

/** A file that is watched, with a clock that the test moves. */
class Watched {
  readonly path: string;
  readonly seen: string[] = [];
  readonly clock = new ManualClock();
  readonly stop: () => void;

  constructor(path: string, stamp: string) {
    this.path = path;
    this.stop = watchContent(watchedFile(path, stamp), this.clock, (content) => {
      this.seen.push(textOf(content));
      return Promise.resolve();
    });
  }

  static async of(name: string, text: string): Promise<Watched> {
    const path = files.write(name, text);
    return new Watched(path, await lookAtFile(path));
  }

  /** Lets it look so many times. */
  async look(times = 1): Promise<void> {
    for (let time = 0; time < times; time++) {
      this.clock.advance(LOOK_EVERY_MS);
      while (this.clock.armed === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function textOf(content: ListContent): string {
  return content.ok ? content.text : content.problem;
}

describe('watchContent()', () => {
  it('tells nothing of a file that stays', async () => {
    const watched = await Watched.of('stays.txt', 'a');
    await watched.look(3);
    assert.deepEqual(watched.seen, []);
    watched.stop();
  });

  it('tells a new content once, when it has looked the same twice', async () => {
    const watched = await Watched.of('changes.txt', 'a');
    writeFileSync(watched.path, 'half');
    await watched.look();
    writeFileSync(watched.path, 'half and half');
    await watched.look();
    assert.deepEqual(watched.seen, []);
    await watched.look(3);
    assert.deepEqual(watched.seen, ['half and half']);
    watched.stop();
  });

  it('notices a file that is replaced by one of the same size and time', async () => {
    const watched = await Watched.of('replaced.txt', 'a');
    const other = files.write('other.txt', 'b');
    for (const path of [watched.path, other]) utimesSync(path, 1_000, 1_000);
    await watched.look(2);
    watched.seen.splice(0);
    renameSync(other, watched.path);
    await watched.look(2);
    assert.deepEqual(watched.seen, ['b']);
    watched.stop();
  });

  it('tries again what failed to be read, and tells of that once', async () => {
    const failed: ListContent = { ok: false, problem: 'EIO', cure: '', stamp: 'EIO' };
    const contents: ListContent[] = [failed, failed, { ok: true, text: 'new', stamp: 'two' }];
    const clock = new ManualClock();
    const seen: string[] = [];
    const stop = watchContent<ListContent>(
      {
        stamp: 'one',
        lookEveryMs: 10,
        look: () => Promise.resolve('two'),
        read: () => Promise.resolve(contents.shift() ?? failed),
      },
      clock,
      (content) => Promise.resolve(void seen.push(textOf(content))),
    );
    for (let look = 0; look < 6; look++) {
      clock.advance(10);
      await new Promise(setImmediate);
    }
    assert.deepEqual(seen, ['EIO', 'new']);
    assert.deepEqual(contents, []);
    stop();
  });

  it('says how to cure a path that leads nowhere', async () => {
    const path = files.path('loop');
    symlinkSync(path, path);
    const content = await readListFile(path);
    assert.match(content.ok ? '' : content.cure, /^a symbolic link of its path leads back/);
  });

  it('notices a change between reading and watching', async () => {
    const path = files.write('early.txt', 'a');
    const stamp = await lookAtFile(path);
    writeFileSync(path, 'changed');
    const watched = new Watched(path, stamp);
    await watched.look(2);
    assert.deepEqual(watched.seen, ['changed']);
    watched.stop();
  });

  it('tells once that the file is gone, and when it is back', async () => {
    const watched = await Watched.of('gone.txt', 'a');
    rmSync(watched.path);
    await watched.look(4);
    assert.deepEqual(watched.seen, ['is not there']);
    writeFileSync(watched.path, 'back');
    await watched.look(2);
    assert.deepEqual(watched.seen, ['is not there', 'back']);
    watched.stop();
  });

  it('leaves no timer behind, also if it is stopped while it looks', async () => {
    const watched = await Watched.of('stopped.txt', 'a');
    writeFileSync(watched.path, 'new');
    await watched.look();
    watched.clock.advance(LOOK_EVERY_MS);
    watched.stop();
    await new Promise((resolve) => setTimeout(resolve, 30)); // that nothing comes cannot be waited for
    assert.deepEqual([watched.clock.armed, watched.seen], [0, []]);
  });
});
