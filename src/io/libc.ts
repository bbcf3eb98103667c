// The C library, called through koffi: the one file that declares foreign functions. Where koffi or Linux is missing
// there is no libc, and one sentence says why; everything that stands on it has another way, or says that it has none.

import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { declareLibuv } from './libuv.ts';
import { loopHoster } from './loop-host.ts';
import type { HostLoop } from './loop-host.ts';
import { loopWatcher } from './loop-watch.ts';
import type { WatchDescriptor, WatchingKoffi } from './loop-watch.ts';

/**
 * Every foreign function by its C declaration. Pointers are `uint64`, given as numbers: only addresses of memory from
 * guarded-memory.ts go there, or 0 for none. Lengths and results are declared as wide as the ABI has them. All return
 * -1 for an error; `errno()` must be the very next call then. The man page of that name says the rest.
 */
const SIGNATURES = {
  // Sockets
  socket: 'int socket(int family, int type, int protocol)',
  bind: 'int bind(int descriptor, uint64 address, uint32 length)',
  listen: 'int listen(int descriptor, int backlog)',
  accept4: 'int accept4(int descriptor, uint64 address, uint64 length, int flags)',
  connect: 'int connect(int descriptor, uint64 address, uint32 length)',
  getsockname: 'int getsockname(int descriptor, uint64 address, uint64 length)',
  getpeername: 'int getpeername(int descriptor, uint64 address, uint64 length)',
  setsockopt: 'int setsockopt(int descriptor, int level, int name, uint64 value, uint32 length)',
  getsockopt: 'int getsockopt(int descriptor, int level, int name, uint64 value, uint64 length)',
  shutdown: 'int shutdown(int descriptor, int how)',
  // Bytes and datagrams
  recv: 'int64 recv(int descriptor, uint64 buffer, size_t length, int flags)',
  send: 'int64 send(int descriptor, uint64 buffer, size_t length, int flags)',
  recvmsg: 'int64 recvmsg(int descriptor, uint64 message, int flags)',
  sendmsg: 'int64 sendmsg(int descriptor, uint64 message, int flags)',
  // Descriptors
  close: 'int close(int descriptor)',
  dup3: 'int dup3(int descriptor, int onto, int flags)',
  fcntl: 'int fcntl(int descriptor, int command, int argument)',
  pipe2: 'int pipe2(uint64 pair, int flags)',
  splice:
    'int64 splice(int from, uint64 fromOffset, int to, uint64 toOffset, size_t length, unsigned int flags)',
  eventfd: 'int eventfd(unsigned int value, int flags)',
  read: 'int64 read(int descriptor, uint64 buffer, size_t length)',
  write: 'int64 write(int descriptor, uint64 buffer, size_t length)',
  // epoll(7)
  epoll_create1: 'int epoll_create1(int flags)',
  epoll_ctl: 'int epoll_ctl(int epoll, int operation, int descriptor, uint64 event)',
  epoll_wait: 'int epoll_wait(int epoll, uint64 events, int most, int timeoutMs)',
  // Memory
  mmap: 'int64 mmap(uint64 address, size_t length, int protection, int flags, int descriptor, int64 offset)',
  mprotect: 'int mprotect(uint64 address, size_t length, int protection)',
  madvise: 'int madvise(uint64 address, size_t length, int advice)',
  munmap: 'int munmap(uint64 address, size_t length)',
  // Where this thread has its errno: in glibc and in musl
  __errno_location: 'int64 __errno_location()',
  // capabilities(7)
  capset: 'int capset(uint64 header, uint64 data)',
} as const;

/** The foreign functions: integers in, an integer out, -1 for an error. */
type ForeignFunctions = {
  readonly [Name in keyof typeof SIGNATURES]: (...parameters: number[]) => number;
};

/** The C library. */
export interface Libc extends ForeignFunctions {
  /** The error number of the foreign call just before. */
  errno(): number;
  /** The memory at an address as an ArrayBuffer. The caller keeps it mapped for as long as anything refers to it. */
  view(address: number, length: number): ArrayBuffer;
  /** Lets Node's own loop watch a descriptor. */
  readonly watch: WatchDescriptor;
  /** Has somebody wait in place of Node's own loop. */
  readonly host: HostLoop;
}

/** The C library, or why there is none: a sentence for the log. */
export type LibcReading =
  | { readonly libc: Libc; readonly missing?: never }
  | { readonly libc?: never; readonly missing: string };

/** What of the machine decides whether there is a libc to call. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  /** Loads koffi; throws where it is not installed or its binary does not run here. */
  readonly loadKoffi: () => unknown;
}

// Structures and constants are written down for these only.
const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

let loaded: LibcReading | undefined;

/** The C library of this process; koffi is loaded at the first call. */
export function loadLibc(): LibcReading {
  loaded ??= readLibc({
    platform: process.platform,
    architecture: process.arch,
    loadKoffi: () => createRequire(import.meta.url)('koffi') as unknown,
  });
  return loaded;
}

/** Declares the C library on a machine, or says what the machine is missing. Never throws. */
export function readLibc({ platform, architecture, loadKoffi }: Machine): LibcReading {
  if (platform !== 'linux' || !ARCHITECTURES.includes(architecture)) {
    const here = `${platform} on ${architecture}`;
    return {
      missing: `The driver runs on Linux on ${ARCHITECTURES.join(' and ')}, and this is ${here}`,
    };
  }
  try {
    return { libc: declareLibc(loadKoffi() as Koffi) };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1).join() : String(error);
    return { missing: `koffi does not load here, so "npm install" it for this machine: ${why}` };
  }
}

/** The name of an error number, such as 'ECONNRESET'. */
export function errorName(errno: number): string {
  return errno > 0 ? getSystemErrorName(-errno) : 'EUNKNOWN';
}

/** What is used of koffi (3.3, doc/load.md, doc/pointers.md, index.d.ts); its own types say `any`. */
interface Koffi extends WatchingKoffi {
  view(address: bigint, length: number): ArrayBuffer;
}

function declareLibc(koffi: Koffi): Libc {
  const library = koffi.load(null); // the process itself: Node is linked with the C library, whichever that is
  const functions = Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]),
  ) as unknown as ForeignFunctions; // fromEntries forgets the names, which are those of SIGNATURES
  const libuv = declareLibuv(koffi);
  const errno = new Int32Array(koffi.view(BigInt(functions.__errno_location()), 4));
  return {
    ...functions,
    // Read from memory: a call of koffi in between is time in which V8 could make a call of its own that fails.
    errno: () => errno[0] ?? 0,
    view: (address, length) => koffi.view(BigInt(address), length),
    watch: loopWatcher(koffi, libuv),
    host: loopHoster(libuv),
  };
}
