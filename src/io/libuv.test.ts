// What is declared of libuv is what this Node has.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { checkLibuv } from './libuv.ts';

const LIBUV = JSON.stringify(new URL('libuv.ts', import.meta.url).href);
const KOFFI = JSON.stringify(createRequire(import.meta.url).resolve('koffi'));

/** What a process prints that has declared libuv. koffi knows types by names, so there is one declaration in a process. */
function printed(body: string): string {
  const code = `
    import { createRequire } from 'node:module';
    import { declareLibuv } from ${LIBUV};
    const libuv = declareLibuv(createRequire(import.meta.url)(${KOFFI}));
    const { loop } = libuv;
    const backendMs = () => { libuv.uv_update_time(loop); return libuv.uv_backend_timeout(loop); };
    ${body}`;
  const args = ['--input-type=module', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return `${stdout}${stderr}`.trim();
}

describe('libuv', needsDriver(), () => {
  // Asked where neither timers nor immediates are being run: Node has stopped them meanwhile.
  it('tells how long it has nothing to do', () => {
    const ms = Number(
      printed(`
      import { stat } from 'node:fs';
      setTimeout(() => undefined, 5000);
      stat('/', () => { console.log(backendMs()); process.exit(); });`),
    );
    assert.ok(ms > 0 && ms <= 5000, String(ms));
  });

  it('has something to do at once for immediates and for watchers that the system does not know of yet', () => {
    const told = printed(`
      import { stat } from 'node:fs';
      import { createServer } from 'node:net';
      setTimeout(() => undefined, 5000);
      stat('/', () => {
        const seen = [backendMs() > 0];
        setImmediate(() => {
          stat('/', () => {
            seen.push(backendMs() > 0);
            createServer().listen({ port: 0, host: '127.0.0.1' }).ref();
            process.nextTick(() => { seen.push(backendMs()); console.log(seen.join()); process.exit(); });
          });
        });
        seen.push(backendMs());
      });`);
    assert.equal(told, 'true,0,true,0');
  });

  it('calls what is started, until it is stopped', () => {
    const told = printed(`
      let turns = 0;
      const prepare = libuv.newHandle('prepare');
      libuv.uv_prepare_init(loop, prepare);
      const callback = libuv.turnCallback(() => { if (++turns === 3) libuv.uv_prepare_stop(prepare); });
      libuv.uv_prepare_start(prepare, callback);
      let rounds = 0;
      const again = () => { if (++rounds < 10) setImmediate(again); else console.log(turns); };
      again();`);
    assert.equal(told, '3');
  });

  it('says which call failed', () => {
    assert.throws(() => {
      checkLibuv('uv_poll_init', -9);
    }, /uv_poll_init failed: -9/);
    checkLibuv('uv_poll_init', 0);
  });
});
