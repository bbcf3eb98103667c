// Has somebody else wait in place of libuv, who waits for libuv as well: as libuv's documentation has it for loops within others
// (uv_backend_fd, uv_backend_timeout). A wake-up costs a turn of Node's loop and two calls of the system less.

import { isMainThread } from 'node:worker_threads';
import { checkLibuv } from './libuv.ts';
import type { Libuv } from './libuv.ts';
import type { Watch } from './loop-watch.ts';

/** Node's loop, as far as somebody else waits in its place. It keeps the process alive from the first `ref`. */
export interface LoopHost extends Watch {
  /** Is readable (level-triggered) when Node has something to do. Only its own loop may read it. */
  readonly descriptor: number;
  /**
   * From now on the loop calls in each of its turns, and does not wait itself. Whoever is called waits, after `stop`, for
   * as long as `idleMs` says and `descriptor` is not readable, and then starts it again. Closed, it does not start.
   */
  start(): void;
  stop(): void;
  /**
   * How long Node has nothing to do, in ms; -1: until `descriptor` is readable. 0 while it is started, and also when a
   * watcher is new of which the system does not know yet, or when nothing keeps the process alive.
   */
  idleMs(): number;
}

/** Begins to wait in place of the loop; undefined: somebody does already, or it is the loop of a worker. */
export type HostLoop = (call: () => void) => LoopHost | undefined;

/** How Node's loop is waited for here. What the callback throws must be caught in it: nobody else does. */
export function loopHoster(libuv: Libuv): HostLoop {
  let isTaken = !isMainThread;
  return (call) => {
    if (isTaken) return undefined;
    isTaken = true;
    return hostLoop(libuv, call);
  };
}

function hostLoop(libuv: Libuv, call: () => void): LoopHost {
  const { loop } = libuv;
  // Called in each turn, before the loop waits. Idle handles are out of its sight while they are called themselves, and the
  // immediates of Node are one.
  const turn = libuv.newHandle('prepare');
  checkLibuv('uv_prepare_init', libuv.uv_prepare_init(loop, turn));
  // While an idle handle is active, the loop does not wait.
  const haste = libuv.newHandle('idle');
  checkLibuv('uv_idle_init', libuv.uv_idle_init(loop, haste));
  // One that nobody ever wakes, to keep the process alive also while the others are stopped.
  const life = libuv.newHandle('async');
  checkLibuv('uv_async_init', libuv.uv_async_init(loop, life, 0));
  const handles = [turn, haste, life];
  for (const handle of handles) libuv.uv_unref(handle);
  let isClosed = false;
  const wait = libuv.turnCallback(call);
  const nothing = libuv.turnCallback(() => undefined);
  return {
    descriptor: libuv.uv_backend_fd(loop),
    start: () => {
      // libuv would call a closed handle too: in the very last turns, when JavaScript must not run any more.
      if (isClosed) return;
      libuv.uv_prepare_start(turn, wait);
      libuv.uv_idle_start(haste, nothing);
    },
    stop: () => {
      libuv.uv_prepare_stop(turn);
      libuv.uv_idle_stop(haste);
    },
    idleMs: () => {
      libuv.uv_update_time(loop); // its timers count from there
      return libuv.uv_backend_timeout(loop);
    },
    ref: () => void libuv.uv_ref(life),
    unref: () => void libuv.uv_unref(life),
    close: () => {
      isClosed = true;
      for (const handle of handles) libuv.uv_close(handle, 0);
    },
  };
}
