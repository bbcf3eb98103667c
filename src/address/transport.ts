// What carries a session: a connection of TCP, or the datagrams between two addresses and ports.

/** The protocols over which sessions come and go. */
export type Transport = 'tcp' | 'udp';
