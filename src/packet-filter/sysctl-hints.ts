// Settings of the kernel with which a ruleset is loaded, and yet packets do not arrive. They are the administrator's: Zorp
// names the command and changes nothing.

import type { ReadProc } from './proc-files.ts';

/** Whether packets are forwarded past the proxies. */
export interface HintOptions {
  readonly forwards: boolean;
  readonly families: readonly ('IPv4' | 'IPv6')[];
}

/** One sentence with the command for each setting that is likely a mistake. */
export function sysctlHints(read: ReadProc, { forwards, families }: HintOptions): string[] {
  const value = (name: string): string | undefined =>
    read(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim();
  const hints: string[] = [];
  const wants = (name: string, wanted: string, why: string): void => {
    const found = value(name);
    if (found !== undefined && found !== wanted)
      hints.push(`${name} is ${found}, and ${why}: run "sysctl -w ${name}=${wanted}"`);
  };
  if (forwards) {
    const why = 'services of the packet filter forward nothing';
    wants('net.ipv4.ip_forward', '1', why);
    if (families.includes('IPv6')) wants('net.ipv6.conf.all.forwarding', '1', why);
  }
  // The check of the source address looks marked packets up where everything is local, and drops them all.
  if (value('net.ipv4.conf.all.src_valid_mark') === '1' && isFiltered(value))
    wants(
      'net.ipv4.conf.all.rp_filter',
      '0',
      'with net.ipv4.conf.all.src_valid_mark=1 the kernel drops what is brought to proxies',
    );
  return hints;
}

function isFiltered(value: (name: string) => string | undefined): boolean {
  return (value('net.ipv4.conf.all.rp_filter') ?? '0') !== '0';
}
