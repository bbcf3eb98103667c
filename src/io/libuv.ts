// The loop of Node as libuv has it, whose functions the node binary exports. Every foreign signature of them stands here.

/** A function that is called from C. */
export type Callback = unknown;

/** What is used of koffi (3.3, doc/load.md, doc/callbacks.md, index.d.ts); its own types say `any`. */
export interface CallingKoffi {
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
}

// uv.h: of enum uv_handle_type.
const HANDLE_TYPES = { async: 1, idle: 6, poll: 8, prepare: 9 } as const;

type NumbersOnly = (...parameters: number[]) => number;
type WithCallback = (...parameters: unknown[]) => number;

/** The functions of libuv by their own names, and what they are handed. Errors are negative numbers. */
export interface Libuv {
  /** The loop of the main thread. */
  readonly loop: number;
  /**
   * Memory for a handle, for good: there are a few in a process, of 160 bytes, and nothing tells when libuv has let go
   * of one.
   */
  newHandle(type: keyof typeof HANDLE_TYPES): number;
  /** A function for `uv_poll_start`. */
  pollCallback(call: () => void): Callback;
  /** A function for `uv_prepare_start` and `uv_idle_start`. */
  turnCallback(call: () => void): Callback;
  /** Frees such a function: it must not be called any more. */
  freeCallback(callback: Callback): void;
  readonly uv_backend_fd: NumbersOnly;
  readonly uv_backend_timeout: NumbersOnly;
  readonly uv_update_time: NumbersOnly;
  readonly uv_poll_init: NumbersOnly;
  readonly uv_poll_start: WithCallback;
  readonly uv_idle_init: NumbersOnly;
  readonly uv_idle_start: WithCallback;
  readonly uv_idle_stop: NumbersOnly;
  readonly uv_prepare_init: NumbersOnly;
  readonly uv_prepare_start: WithCallback;
  readonly uv_prepare_stop: NumbersOnly;
  readonly uv_async_init: NumbersOnly;
  readonly uv_ref: NumbersOnly;
  readonly uv_unref: NumbersOnly;
  readonly uv_close: NumbersOnly;
}

/** Declares libuv. Once for a koffi, which knows types by their names. */
export function declareLibuv(koffi: CallingKoffi): Libuv {
  const library = koffi.load(null);
  const pollCallback = koffi.pointer(
    koffi.proto('void LoopWatchCallback(uint64 handle, int status, int events)'),
  );
  const turnCallback = koffi.pointer(koffi.proto('void LoopTurnCallback(uint64 handle)'));
  const handleSize = library.func('size_t uv_handle_size(int type)');
  return {
    loop: library.func('uint64 uv_default_loop()')(),
    newHandle: (type) =>
      Number(koffi.address(koffi.alloc('uint8', handleSize(HANDLE_TYPES[type])))),
    pollCallback: (call) => koffi.register(call, pollCallback),
    turnCallback: (call) => koffi.register(call, turnCallback),
    freeCallback: (callback) => {
      koffi.unregister(callback);
    },
    uv_backend_fd: library.func('int uv_backend_fd(uint64 loop)'),
    uv_backend_timeout: library.func('int uv_backend_timeout(uint64 loop)'),
    uv_update_time: library.func('void uv_update_time(uint64 loop)'),
    uv_poll_init: library.func('int uv_poll_init(uint64 loop, uint64 handle, int descriptor)'),
    uv_poll_start: library.func('uv_poll_start', 'int', ['uint64', 'int', pollCallback]),
    uv_idle_init: library.func('int uv_idle_init(uint64 loop, uint64 handle)'),
    uv_idle_start: library.func('uv_idle_start', 'int', ['uint64', turnCallback]),
    uv_idle_stop: library.func('int uv_idle_stop(uint64 handle)'),
    uv_prepare_init: library.func('int uv_prepare_init(uint64 loop, uint64 handle)'),
    uv_prepare_start: library.func('uv_prepare_start', 'int', ['uint64', turnCallback]),
    uv_prepare_stop: library.func('int uv_prepare_stop(uint64 handle)'),
    uv_async_init: library.func('int uv_async_init(uint64 loop, uint64 handle, uint64 callback)'),
    uv_ref: library.func('void uv_ref(uint64 handle)'),
    uv_unref: library.func('void uv_unref(uint64 handle)'),
    uv_close: library.func('void uv_close(uint64 handle, uint64 closed)'),
  };
}

/** Throws if a call failed: none does but for want of memory or descriptors, or where a descriptor cannot be watched. */
export function checkLibuv(call: string, result: number): void {
  if (result < 0) throw new Error(`${call} failed: ${result}`);
}
