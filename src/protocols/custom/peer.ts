// The half of a conversation that is about one peer.

import type { Bytes } from '../../proxy/engine.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Peer } from './conversation.ts';
import type { Inbox, PeerName } from './inbox.ts';
import type { Referee } from './referee.ts';
import type { CustomSettings } from './settings.ts';
import type { Given, Waiting } from './step.ts';
import { given, Step } from './step.ts';
import { decodeText, encodeText } from './text-code.ts';
import type { Passage, Wire } from './wire.ts';

/** What a conversation is made of. */
export interface Parts {
  readonly settings: CustomSettings;
  readonly inboxes: Readonly<Record<PeerName, Inbox>>;
  readonly referee: Referee;
  readonly wire: Wire;
}

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

function relay(from: PeerName, length: number, { referee, wire }: Parts): Waiting<number> {
  const passage: Passage = { from, length, moved: 0, isOver: false };
  return referee.waiting(() => {
    if (!(length === Infinity || (Number.isSafeInteger(length) && length >= 0)))
      referee.fail(`called relay(${showValue(length)}): give a number of bytes`);
    return new Step({
      call: `${from}.relay()`,
      reads: [],
      begin: () => {
        wire.pass(passage);
      },
      attempt: () => (passage.isOver ? given(passage.moved) : undefined),
    });
  });
}

function lineOf(line: unknown, parts: Parts): Bytes {
  // What a peer said must not become two lines for the other one.
  if (typeof line !== 'string' || /[\r\n\0]/.test(line))
    return parts.referee.fail(
      `called sendLine(${showValue(line)}): give a text without CR, LF and NUL`,
    );
  return bytesOf(`${line}${parts.settings.lineEnd === 'lf' ? '\n' : '\r\n'}`, parts);
}

/** Bytes of our own: what the script does with its own afterwards changes nothing. */
function bytesOf(data: unknown, { referee, settings: { encoding } }: Parts): Bytes {
  if (data instanceof Uint8Array) return new Uint8Array(data);
  if (typeof data !== 'string')
    return referee.fail(`sent ${showValue(data)}: send a text or a Uint8Array`);
  const bytes = encodeText(data, encoding);
  return (
    bytes ?? referee.fail(`sent ${showValue(data)}: it has characters that ${encoding} has not`)
  );
}
