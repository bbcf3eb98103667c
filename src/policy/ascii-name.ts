// International host names as they travel: `bücher.example` is `xn--bcher-kva.example`.

import { canonicalHostName, isHostName } from '../address/host-name.ts';

/** What would be more than a host name in a URL. */
const NO_NAME = /[\s/\\@:?#[\]%]/;
const ASCII_ONLY = /^[\x21-\x7e]*$/;

/**
 * The canonical form of a host name, of an international one as A-labels (UTS 46, as in URLs); undefined if it is none. A
 * name of ASCII must be one already: nothing makes an address of it.
 */
export function asciiName(text: string): string | undefined {
  if (ASCII_ONLY.test(text)) return isHostName(text) ? canonicalHostName(text) : undefined;
  if (NO_NAME.test(text) || !URL.canParse(`http://${text}`)) return undefined;
  const { hostname } = new URL(`http://${text}`);
  return isHostName(hostname) ? canonicalHostName(hostname) : undefined;
}
