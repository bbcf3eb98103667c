import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type { EndingProcess } from './policy-exit.ts';
import { watchPolicyExit } from './policy-exit.ts';

class Ending extends EventEmitter implements EndingProcess {
  exitCode = 0;
}

describe('watchPolicyExit()', () => {
  const told: string[] = [];
  const report = (error: Error): number => told.push(error.message);

  it('blames the policy for an end while it is loaded', () => {
    const ending = new Ending();
    void watchPolicyExit(ending, report).whileLoading('/p.ts', new Promise(() => undefined));
    ending.emit('exit');
    assert.match(told.splice(0).join(), /^The policy \/p\.ts ended the process /);
    assert.equal(ending.exitCode, 1);
  });

  it('says nothing before, after, or where Zorp ends the process', async () => {
    const ending = new Ending();
    const watch = watchPolicyExit(ending, report);
    ending.emit('exit');
    assert.equal(await watch.whileLoading('/p.ts', Promise.resolve(7)), 7);
    ending.emit('exit');
    await assert.rejects(watch.whileLoading('/p.ts', Promise.reject(new Error('no'))), /no/);
    ending.emit('exit');
    void watch.whileLoading('/p.ts', new Promise(() => undefined));
    watch.stop();
    ending.emit('exit');
    assert.deepEqual([told, ending.exitCode], [[], 0]);
  });
});
