// ZORP_IO chooses; without it the driver is taken where it loads, and the log says what is missing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { loadLibc } from '../io/libc.ts';
import type { LibcReading } from '../io/libc.ts';
import { chooseIo } from './choose-io.ts';

const budget = DescriptorBudget.ofProcess();

function nothing(): LibcReading {
  return { missing: 'koffi does not load here' };
}

describe('what carries the sockets', () => {
  it('is the driver where it loads', needsDriver(), () => {
    for (const wanted of [undefined, 'driver']) {
      const log = new MemoryLog();
      assert.ok(chooseIo({ wanted, budget, log }).share !== undefined);
      assert.deepEqual(log.lines, []);
    }
  });

  it('is node:net where the driver does not load, and the log says once what is missing', () => {
    const log = new MemoryLog();
    const { missing } = chooseIo({ wanted: undefined, budget, log, load: nothing });
    assert.equal(missing, 'koffi does not load here');
    assert.deepEqual(
      log.lines.map(({ code, fields }) => [code, fields]),
      [['io.no-driver', { missing: 'koffi does not load here' }]],
    );
  });

  it('is node:net where the system has nothing left for the driver', needsDriver(), () => {
    const libc = {
      ...(loadLibc().libc ?? assert.fail()),
      epoll_create1: () => -1,
      errno: () => 24,
    };
    const log = new MemoryLog();
    const { missing } = chooseIo({ wanted: undefined, budget, log, load: () => ({ libc }) });
    assert.match(missing ?? '', /epoll_create1 failed: EMFILE/);
  });

  it('is node:net where that is asked for', () => {
    const log = new MemoryLog();
    assert.match(chooseIo({ wanted: 'net', budget, log }).missing ?? '', /ZORP_IO=net/);
    assert.deepEqual(log.lines, []);
  });

  it('is an error with the cure for anything else', () => {
    const log = new MemoryLog();
    assert.throws(() => chooseIo({ wanted: 'uring', budget, log }), /give "driver" or "net"/);
    const load = nothing;
    assert.throws(() => chooseIo({ wanted: 'driver', budget, log, load }), /koffi does not load/);
  });
});
