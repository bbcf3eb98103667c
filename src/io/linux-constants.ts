// Numbers of the Linux system interface (uapi headers), the same on x64 and arm64. Names are those of the man pages.

/** Address families (socket.h). */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;

/** Types of sockets, and flags that go with them in socket(2) and accept4(2). */
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

/** Levels of options. */
export const SOL_SOCKET = 1;
export const SOL_IP = 0;
export const SOL_TCP = 6;
export const SOL_IPV6 = 41;

/** socket(7). */
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_MARK = 36;

/** ip(7). */
export const IP_TOS = 1;
export const IP_PKTINFO = 8;
export const IP_PKTOPTIONS = 9;
export const IP_TRANSPARENT = 19;
export const IP_RECVORIGDSTADDR = 20;
export const IP_BIND_ADDRESS_NO_PORT = 24;
/** netfilter_ipv4.h: where a connection went before a REDIRECT. */
export const SO_ORIGINAL_DST = 80;

/** ipv6(7). */
export const IPV6_2292PKTOPTIONS = 6;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_TCLASS = 67;
export const IPV6_RECVORIGDSTADDR = 74;
export const IPV6_TRANSPARENT = 75;
/** netfilter_ipv6/ip6_tables.h */
export const IP6T_SO_ORIGINAL_DST = 80;

/** tcp(7). */
export const TCP_NODELAY = 1;
export const TCP_INFO = 11;
/**
 * States of a TCP socket (netinet/tcp.h): it is not connected; its FIN is not acknowledged yet, after the peer's, or at
 * the same time.
 */
export const TCP_CLOSE = 7;
export const TCP_LAST_ACK = 9;
export const TCP_CLOSING = 11;
/** Of the options of struct tcp_info: both sides have timestamps. */
export const TCPI_OPT_TIMESTAMPS = 1;

/** Flags of recv(2) and send(2). */
export const MSG_PEEK = 0x02;
export const MSG_CTRUNC = 0x08;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;

/** shutdown(2). */
export const SHUT_WR = 1;

/** epoll(7). */
export const EPOLLIN = 0x001;
export const EPOLLPRI = 0x002;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLRDHUP = 0x2000;
export const EPOLLET = 1 << 31;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CLOEXEC = 0o2000000;

/** fcntl(2), pipe2(2), eventfd(2). */
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;

/** splice(2). */
export const SPLICE_F_MOVE = 1;
export const SPLICE_F_NONBLOCK = 2;

/** mmap(2). */
export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_PRIVATE = 0x02;
export const MAP_ANONYMOUS = 0x20;
export const MADV_DONTNEED = 4;

/** errno(3), those that are asked for in the path of every byte. */
export const EINTR = 4;
export const EAGAIN = 11;
export const ECONNREFUSED = 111;
export const EINPROGRESS = 115;
export const EPERM = 1;
export const EMSGSIZE = 90;
export const ENOBUFS = 105;
