// What the laws need to know of a proxy.

import type fc from 'fast-check';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import type { Dialogue } from '../support/dialogue.ts';

/** One proxy under the laws. */
export interface ProxyUnderLaw {
  /** Its folder in test/corpus. */
  readonly name: string;
  /** The proxy with settings that take different ways through its code, by what they do. */
  readonly variants: Readonly<Record<string, ProxyFactory>>;
  /** The proxy with policies that let nothing pass. A refused connection is a law for all, and needs no entry here. */
  readonly refusing: Readonly<Record<string, ProxyFactory>>;
  /** The proxy with a policy that asks before anything goes to the server; absent if its policy has no such question. */
  readonly asking?: (isAccepted: () => boolean) => ProxyFactory;
  /** Dialogues in the grammar of the protocol. */
  readonly dialogues: fc.Arbitrary<Dialogue>;
  /** Dialogues with contents long enough for relays, for laws of any order. Default: the same. */
  readonly longDialogues?: fc.Arbitrary<Dialogue>;
  /** The variants in which most goes on between both peers and a child, for the same laws. Default: all alike. */
  readonly intricate?: readonly string[];
  /** Names of its timers. */
  readonly timers: readonly string[];
  /** Where endless input may begin: in each phase of the protocol. */
  readonly beginnings: readonly Dialogue[];
  /** Pieces of the protocol that endless input repeats. */
  readonly pieces: readonly string[];
  /** What one engine may hold, by its settings. */
  readonly maxHeldBytes: number;
}
