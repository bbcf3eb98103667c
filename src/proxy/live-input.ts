// What a policy reads from outside and what changes while it runs: list files, and the addresses of host names. Parts of
// a policy are used inside its functions too, where no walk finds them: so they are remembered when they are made.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';

/** One thing that is wrong in a file. */
export interface LiveFault {
  /** From 1; undefined for the file as a whole. */
  readonly line: number | undefined;
  readonly value: string;
  readonly cure: string;
}

/** A file that part of a policy is made of. Until it is read for the first time, that part throws when it is asked. */
export interface LiveFile {
  readonly kind: 'live-file';
  /** As the policy has it: absolute, or relative to the file that made the input (`sourceOf`). */
  readonly path: string;
  /**
   * Takes over a content in small steps, so that a long list stops nothing else: call `next()` until it is done. If it
   * has a fault, what was read before stays.
   */
  read(text: string): Generator<undefined, readonly LiveFault[], undefined>;
  /** For a file that need not be there: it is not, or not any more. Without this, a missing file is a fault. */
  readonly missing?: () => void;
  /** Gives up what was read: nobody uses the policy any more, though its functions may still refer to this part of it. */
  readonly forget: () => void;
  /** Of a list: whether nothing of what was read is an entry. Without this, a file may be as empty as it likes. */
  readonly isEmpty?: () => boolean;
  /** What it is to people. Default: list. */
  readonly noun?: string;
  /** Where the path may be that of a folder: what of it counts. Without this, a folder is a fault. */
  readonly folder?: LiveFolder;
}

/** What is made of a folder in the place of a file. */
export interface LiveFolder {
  /** The names of the files in it that count; all others are never opened. */
  readonly names: RegExp;
  /** Takes over their contents, like `read`. */
  read(files: readonly FolderFile[]): Generator<undefined, readonly LiveFault[], undefined>;
}

/** A file of such a folder. */
export interface FolderFile {
  readonly path: string;
  readonly text: string;
}

/** Host names whose addresses part of a policy is made of. */
export interface LiveNames {
  readonly kind: 'live-names';
  /** In lower case, without a dot at the end. */
  readonly hosts: readonly string[];
  /** Who is asked; none: the DNS servers that this machine is set up with. */
  readonly servers: readonly SocketAddress[];
  /**
   * Takes over the addresses of all hosts: those of before that are not in it are gone. Nobody can tell the addresses of
   * a host that is not in it; one that has none is in it with an empty list.
   */
  update(addresses: ReadonlyMap<string, readonly IpAddress[]>): void;
}

/** Any input of a policy that lives outside it. */
export type LiveInput = LiveFile | LiveNames;

// Far more than a policy has; what makes inputs while it runs, in a function of a request, must not fill the memory.
const MAX_WAITING = 10_000;

const waiting: LiveInput[] = [];

/** While a policy file is loaded: those of the policies that were defined so far. Another one may be made of their parts. */
let defined: readonly LiveInput[] | undefined;

/** Remembers an input for the policy that is being made; the functions of the vocabulary that make one call it. */
export function registerLiveInput(input: LiveInput): void {
  if (waiting.length < MAX_WAITING) waiting.push(input);
}

/**
 * All inputs that were made since the last call: those of the policy that is being defined. While a policy file is loaded, those since
 * the loading began.
 */
export function takeLiveInputs(): readonly LiveInput[] {
  const taken = Object.freeze([...(defined ?? []), ...waiting.splice(0)]);
  if (defined !== undefined) defined = taken;
  return taken;
}

/** A policy file is loaded from here on: what was made before is none of its policies'. */
export function beginLiveInputs(): void {
  waiting.length = 0;
  defined = [];
}

/** The file is loaded: what it made behind its policies, or without any, is none of the next one's. */
export function endLiveInputs(): void {
  waiting.length = 0;
  defined = undefined;
}
