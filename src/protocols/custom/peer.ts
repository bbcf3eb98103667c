// The half of a conversation that is about one peer.

import type { Bytes } from '../../proxy/engine.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Peer } from './conversation.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Parts } from './parts.ts';
import type { CustomSettings } from './settings.ts';
import { relayBodyThrough } from './relay-through.ts';
import { bytesOf, lineOf } from './sent-data.ts';
import type { Given, Waiting } from './step.ts';
import { given, Step } from './step.ts';
import { decodeText } from './text-code.ts';
import { Unavailable } from './ending.ts';
import type { Passage } from './wire.ts';

/** A read of a script. */
interface Read<Value> {
  readonly call: string;
  /** The number of bytes that the script named. */
  readonly count?: number;
  /** Takes it, if it is there. */
  readonly take: (inbox: Inbox) => Given<Value> | undefined;
}

/** Makes the peer of a side. */
export function makePeer(name: PeerName, parts: Parts): Peer {
  const { wire, settings } = parts;
  const reading = <Value>(read: Read<Value>) => startRead(name, parts, read);
  return Object.freeze<Peer>({
    name,
    canStartTls: parts.startTls.includes(name),
    readLine: () =>
      reading({ call: 'readLine', take: (inbox) => orEnd(inbox, nextText(inbox, settings)) }),
    readLineBytes: () =>
      reading({ call: 'readLineBytes', take: (inbox) => orEnd(inbox, inbox.takeLine()) }),
    readBytes: (count) =>
      reading({ call: 'readBytes', count, take: (inbox) => orEnd(inbox, takeBytes(inbox, count)) }),
    read: () => reading({ call: 'read', take: (inbox) => orEnd(inbox, takeSome(inbox)) }),
    readToEnd: (count = settings.maxBufferedBytes) =>
      reading({ call: 'readToEnd', count, take: (inbox) => takeAll(inbox, count) }),
    relay: (length = Infinity) => relay(name, length, parts),
    relayThrough: (child, options) => relayBodyThrough(name, parts, child, options),
    startTls: () => startTls(name, parts),
    send: (data) => {
      wire.send(name, bytesOf(data, parts));
    },
    sendLine: (line) => {
      wire.send(name, lineOf(line, parts));
    },
    end: () => {
      wire.end(name);
    },
  });
}

function startRead<Value>(
  name: PeerName,
  { inboxes, referee, settings, wire }: Parts,
  { call, count = 0, take }: Read<Value>,
): Waiting<Value> {
  const inbox = inboxes[name];
  const limit = settings.maxBufferedBytes;
  const attempt = () => {
    const before = inbox.length;
    const taken = take(inbox);
    if (inbox.length < before) referee.progress();
    return taken;
  };
  return referee.waiting(() => {
    wire.checkThere(name, 'read from');
    if (!Number.isSafeInteger(count) || count < 0 || count > limit)
      referee.fail(`called ${call}(${showValue(count)}): give 0 to ${limit} (maxBufferedBytes)`);
    return new Step({ call: `${name}.${call}()`, reads: [name], attempt });
  });
}

/** What was taken, or undefined as the answer if no more can come. */
function orEnd<Value>(
  inbox: Inbox,
  taken: Value | undefined,
): Given<Value | undefined> | undefined {
  return taken !== undefined || inbox.hasEnded ? given(taken) : undefined;
}

/** The next line of an inbox as text. */
export function nextText(inbox: Inbox, { encoding }: CustomSettings): string | undefined {
  const line = inbox.takeLine();
  return line === undefined ? undefined : decodeText(line, encoding, inbox.side);
}

/** Whatever waits. */
export function takeSome(inbox: Inbox): Bytes | undefined {
  return inbox.length > 0 ? inbox.take(Infinity) : undefined;
}

function takeBytes(inbox: Inbox, count: number): Bytes | undefined {
  return inbox.length >= count ? inbox.take(count) : undefined;
}

function takeAll(inbox: Inbox, maxBytes: number): Given<Bytes> | undefined {
  const message = `More than ${maxBytes} bytes came before the end`;
  if (inbox.length > maxBytes) throw new Violation('custom.too-many-bytes', inbox.side, message);
  return inbox.hasEnded ? given(inbox.take(Infinity)) : undefined;
}

function* startTls(name: PeerName, parts: Parts): Waiting<undefined> {
  const { referee, wire } = parts;
  const failure = yield* referee.waiting(() => {
    if (!parts.startTls.includes(name))
      referee.fail(`called ${name}.startTls(), and its service has no encryption policy for that`);
    return new Step({
      call: `${name}.startTls()`,
      reads: [],
      begin: () => {
        wire.beginTls(name);
      },
      attempt: () => wire.takeTls(name),
    });
  });
  if (failure !== undefined) throw new Unavailable(failure);
  return undefined;
}

function relay(from: PeerName, length: number, { referee, slot, wire }: Parts): Waiting<number> {
  const passage: Passage = { from, length, moved: 0, isOver: false };
  return referee.waiting(() => {
    if (!(length === Infinity || (Number.isSafeInteger(length) && length >= 0)))
      referee.fail(`called relay(${showValue(length)}): give a number of bytes`);
    return new Step({
      call: `${from}.relay()`,
      reads: [],
      begin: () => {
        slot.checkFree('relayed');
        wire.pass(passage);
      },
      attempt: () => (passage.isOver ? given(passage.moved) : undefined),
    });
  });
}
