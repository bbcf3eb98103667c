// Has Node's own loop watch a descriptor, by libuv itself. koffi can do so too (`node.poll`), but makes an object with names for
// each wake-up, which costs a busy firewall more than the rest of the wake-up.

import { isMainThread } from 'node:worker_threads';
import { checkLibuv } from './libuv.ts';
import type { CallingKoffi, Libuv } from './libuv.ts';

/** What libuv watches for somebody: from now on `call` is called whenever the descriptor is readable (level-triggered). */
export interface Watch {
  /** From now on it keeps the process alive. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** koffi's own way. */
export interface WatchingKoffi extends CallingKoffi {
  readonly node: { poll(descriptor: number, call: () => void): Watch };
}

/** Watches descriptors, each with its callback. What a callback throws must be caught in it: nobody else does. */
export type WatchDescriptor = (descriptor: number, call: () => void) => Watch;

// uv.h: of enum uv_poll_event.
const UV_READABLE = 1;

/** How descriptors are watched here. */
export function loopWatcher(koffi: WatchingKoffi, libuv: Libuv): WatchDescriptor {
  // The loop of a worker is not the default one, and koffi knows which it is.
  if (!isMainThread) return (descriptor, call) => koffi.node.poll(descriptor, call);
  return (descriptor, call) => {
    const handle = libuv.newHandle('poll');
    const callback = libuv.pollCallback(call);
    checkLibuv('uv_poll_init', libuv.uv_poll_init(libuv.loop, handle, descriptor));
    checkLibuv('uv_poll_start', libuv.uv_poll_start(handle, UV_READABLE, callback));
    return {
      ref: () => void libuv.uv_ref(handle),
      unref: () => void libuv.uv_unref(handle),
      close: () => {
        libuv.uv_close(handle, 0);
        setImmediate(() => {
          libuv.freeCallback(callback); // it may be its own call that closes it
        });
      },
    };
  };
}
