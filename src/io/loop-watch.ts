// Has Node's own loop watch a descriptor, by libuv itself, whose functions the node binary exports. koffi can do so too
// (`node.poll`), but makes an object with names for each wake-up, which costs a busy firewall more than the rest of the wake-up.

import { isMainThread } from 'node:worker_threads';

/** What libuv watches for somebody: from now on `call` is called whenever the descriptor is readable (level-triggered). */
export interface Watch {
  /** From now on it keeps the process alive. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** A function that is called from C. */
type Callback = unknown;

/** What is used of koffi (3.3, doc/load.md, doc/callbacks.md, index.d.ts); its own types say `any`. */
export interface WatchingKoffi {
  load(path: null): {
    func(signature: string): (...parameters: number[]) => number;
    func(
      name: string,
      result: string,
      parameters: readonly unknown[],
    ): (...parameters: unknown[]) => number;
  };
  proto(signature: string): unknown;
  pointer(type: unknown): unknown;
  register(call: () => void, type: unknown): Callback;
  unregister(callback: Callback): void;
  alloc(type: string, length: number): unknown;
  address(memory: unknown): bigint;
  readonly node: { poll(descriptor: number, call: () => void): Watch };
}

/** Watches descriptors, each with its callback. What a callback throws must be caught in it: nobody else does. */
export type WatchDescriptor = (descriptor: number, call: () => void) => Watch;

// uv.h: of enum uv_handle_type, and of enum uv_poll_event.
const UV_POLL = 8;
const UV_READABLE = 1;

/** How descriptors are watched here. */
export function loopWatcher(koffi: WatchingKoffi): WatchDescriptor {
  // The loop of a worker is not the default one, and koffi knows which it is.
  if (!isMainThread) return (descriptor, call) => koffi.node.poll(descriptor, call);
  const libuv = declareLibuv(koffi);
  return (descriptor, call) => {
    // For good: there are a few in a process, of 160 bytes, and nothing tells when libuv has let go of one.
    const handle = Number(koffi.address(koffi.alloc('uint8', libuv.uv_handle_size(UV_POLL))));
    const callback = koffi.register(call, libuv.callbackType);
    check('uv_poll_init', libuv.uv_poll_init(libuv.uv_default_loop(), handle, descriptor));
    check('uv_poll_start', libuv.uv_poll_start(handle, UV_READABLE, callback));
    return {
      ref: () => void libuv.uv_ref(handle),
      unref: () => void libuv.uv_unref(handle),
      close: () => {
        libuv.uv_close(handle, 0);
        setImmediate(() => {
          koffi.unregister(callback); // it may be its own call that closes it
        });
      },
    };
  };
}

function declareLibuv(koffi: WatchingKoffi) {
  const library = koffi.load(null);
  const callbackType = koffi.pointer(
    koffi.proto('void LoopWatchCallback(uint64 handle, int status, int events)'),
  );
  return {
    callbackType,
    uv_default_loop: library.func('uint64 uv_default_loop()'),
    uv_handle_size: library.func('size_t uv_handle_size(int type)'),
    uv_poll_init: library.func('int uv_poll_init(uint64 loop, uint64 handle, int descriptor)'),
    uv_poll_start: library.func('uv_poll_start', 'int', ['uint64', 'int', callbackType]),
    uv_ref: library.func('void uv_ref(uint64 handle)'),
    uv_unref: library.func('void uv_unref(uint64 handle)'),
    uv_close: library.func('void uv_close(uint64 handle, uint64 closed)'),
  };
}

/** Neither fails but for want of memory, or where a descriptor cannot be watched. */
function check(call: string, result: number): void {
  if (result < 0) throw new Error(`${call} failed: ${result}`);
}
