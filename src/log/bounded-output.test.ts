import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import type { OutputState } from './bounded-output.ts';
import { BoundedOutput } from './bounded-output.ts';

const folder = temporaryFolder(suiteOwner(), 'output');

/** A named pipe, opened so that neither reading nor writing ever waits. */
function openPipe(name: string): { readonly path: string; readonly descriptor: number } {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return { path, descriptor: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
}

/** Writes into a pipe until it takes no more. */
function fill(descriptor: number): void {
  const bytes = Buffer.alloc(1000, '.');
  try {
    for (;;) writeSync(descriptor, bytes);
  } catch {
    // EAGAIN: it is full
  }
}

/** Everything that waits in a pipe. */
function drain(descriptor: number): string {
  const buffer = Buffer.alloc(1 << 20);
  let text = '';
  for (;;) {
    try {
      text += buffer.toString('utf8', 0, readSync(descriptor, buffer));
    } catch {
      return text; // EAGAIN: it is empty
    }
  }
}

/** Keeps the states that an output tells, and waits for the next one. */
function watch(): {
  readonly states: OutputState[];
  readonly next: (state: string) => Promise<void>;
} {
  const states: OutputState[] = [];
  let tell: (() => void) | undefined;
  const seen = new Proxy(states, {
    set: (target, key, value, receiver) => {
      const isSet = Reflect.set(target, key, value, receiver);
      tell?.();
      return isSet;
    },
  });
  const next = async (state: string): Promise<void> => {
    while (states.at(-1)?.state !== state) await new Promise<void>((resolve) => (tell = resolve));
  };
  return { states: seen, next };
}

describe('BoundedOutput', () => {
  it('writes lines in order, and says when all are written', async () => {
    const path = join(folder, 'log');
    const output = new BoundedOutput(path);
    assert.equal(await output.flush(1), true);
    const lines = Array.from({ length: 20_000 }, (_unused, index) => `line ${index} é\n`);
    for (const line of lines) output.write(line);
    assert.equal(output.isBlocked, true);
    assert.equal(await output.flush(10_000), true);
    assert.equal(readFileSync(path, 'utf8'), lines.join(''));
    assert.equal(output.dropped, 0);
    assert.equal(output.isBlocked, false);
  });

  it('gathers lines for a moment, and drops all of a write that finds no room', async () => {
    const path = join(folder, 'gathered');
    const output = new BoundedOutput(path, { gatherMs: 1 });
    for (let count = 0; count < 1000; count += 1) output.write(`line ${count}\n`);
    assert.ok(await output.flush(5000));
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 1001);
    const full = new BoundedOutput('/dev/full', { maxWaitingBytes: 30, gatherMs: 1000 });
    for (let count = 0; count < 10; count += 1) full.write('ten bytes\n');
    await full.flush(1);
    assert.equal(full.dropped, 10);
  });

  it('leaves alone what is being written, whenever more comes', async () => {
    const path = join(folder, 'apart');
    const output = new BoundedOutput(path, { gatherMs: 0 });
    const lines: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      for (let count = round % 4; count >= 0; count -= 1) {
        const line = `${round} ${count} ${'x'.repeat((round * 37) % 500)}\n`;
        lines.push(line);
        output.write(line);
      }
      if (round % 3 === 0) await output.flush(5000);
      else if (round % 3 === 1) await new Promise((done) => setImmediate(done));
    }
    assert.ok(await output.flush(5000));
    assert.equal(readFileSync(path, 'utf8'), lines.join(''));
  });

  it('drops a line that was begun and not ended, and takes one of any length', async () => {
    const path = join(folder, 'begun');
    const output = new BoundedOutput(path);
    output.write('first\n');
    output.begin().text('half a li');
    const long = `${'x'.repeat(200_000)}\n`;
    output.begin().text(long);
    output.end();
    output.begin().text('another half');
    assert.ok(await output.flush(5000));
    output.write('last\n');
    assert.ok(await output.flush(5000));
    assert.equal(readFileSync(path, 'utf8'), `first\n${long}last\n`);
  });

  it('drops what a slow reader leaves no room for, counts it, and says so when lines flow again', async () => {
    const { descriptor } = openPipe('slow');
    const watched = watch();
    const output = new BoundedOutput(descriptor, {
      maxWaitingBytes: 1000,
      gatherMs: 0,
      onChange: (state) => watched.states.push(state),
    });
    fill(descriptor);
    const line = `${'x'.repeat(99)}\n`;
    for (let count = 0; count < 30; count += 1) output.write(line);
    assert.equal(output.dropped, 20);
    assert.deepEqual(watched.states, [{ state: 'failing', cause: 'the reader is too slow' }]);
    assert.equal(await output.flush(50), false);
    assert.equal(output.unwritten, 10);
    drain(descriptor);
    await watched.next('flowing');
    assert.deepEqual(watched.states[1], { state: 'flowing', dropped: 20 });
    assert.equal(await output.flush(10_000), true);
    assert.equal(output.unwritten, 0);
    assert.equal(drain(descriptor), line.repeat(10));
    closeSync(descriptor);
  });

  it('outlives a reader that goes away, and goes on when another one comes', async () => {
    const { path, descriptor } = openPipe('gone');
    const writer = openSync(path, constants.O_WRONLY);
    closeSync(descriptor);
    const watched = watch();
    const output = new BoundedOutput(writer, { onChange: (state) => watched.states.push(state) });
    output.write('one\n');
    await watched.next('failing');
    assert.deepEqual(watched.states, [{ state: 'failing', cause: 'EPIPE' }]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    assert.equal(await output.flush(10_000), true, 'without another line');
    assert.equal(drain(reader), 'one\n');
    assert.deepEqual(watched.states[1], { state: 'flowing', dropped: 0 });
    closeSync(reader);
    closeSync(writer);
  });

  it('outlives a full disk', { skip: process.platform !== 'linux' && 'no /dev/full' }, async () => {
    const watched = watch();
    const output = new BoundedOutput('/dev/full', {
      maxWaitingBytes: 100,
      gatherMs: 0,
      onChange: (state) => watched.states.push(state),
    });
    for (let count = 0; count < 20; count += 1) output.write('0123456789\n');
    assert.equal(output.dropped, 11);
    assert.equal(await output.flush(50), false);
    assert.equal(output.unwritten, 9);
    while (output.isBlocked) await output.flush(50); // until the system has answered
    assert.deepEqual(watched.states, [{ state: 'failing', cause: 'the reader is too slow' }]);
  });
});
