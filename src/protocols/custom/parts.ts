// What the conversation of a session is made of.

import type { ChildSlot } from './child-slot.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Referee } from './referee.ts';
import type { CustomSettings } from './settings.ts';
import type { Wire } from './wire.ts';

/** The parts of a conversation. */
export interface Parts {
  readonly settings: CustomSettings;
  readonly inboxes: Readonly<Record<PeerName, Inbox>>;
  readonly referee: Referee;
  readonly wire: Wire;
  readonly slot: ChildSlot;
  /** The sides that the encryption policy lets put TLS on in the middle of their conversation. */
  readonly startTls: readonly PeerName[];
}
