// Every proxy that there is. A new protocol adds its line.

import { CUSTOM } from './custom-under-law.ts';
import { FINGER } from './finger-under-law.ts';
import { HTTP } from './http-under-law.ts';
import { PLUG } from './plug-under-law.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { SOCKS } from './socks-under-law.ts';
import { WEBSOCKET } from './websocket-under-law.ts';
import { WHOIS } from './whois-under-law.ts';

/** All proxies. */
export const PROXIES: readonly ProxyUnderLaw[] = [
  CUSTOM,
  HTTP,
  PLUG,
  SOCKS,
  FINGER,
  WEBSOCKET,
  WHOIS,
];
