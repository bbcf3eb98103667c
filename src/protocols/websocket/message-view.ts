// A message as functions of the policy see it: its text is made when it is asked for.

import { Buffer } from 'node:buffer';
import { TEXT } from './frame.ts';
import type { WholeMessage } from './frame-flow.ts';
import type { WebSocketMessage } from './settings.ts';

/** One message. */
export class MessageView implements WebSocketMessage {
  readonly from: 'client' | 'server';
  readonly type: 'text' | 'binary';
  readonly bytes: Uint8Array;
  #text: string | undefined;

  constructor(from: 'client' | 'server', { opcode, content }: WholeMessage) {
    this.from = from;
    this.type = opcode === TEXT ? 'text' : 'binary';
    // A copy: what the policy decides about and what is sent are the same, whatever a function does to it.
    this.bytes = Uint8Array.from(content);
  }

  get text(): string {
    const encoding = this.type === 'text' ? 'utf8' : 'latin1';
    this.#text ??= Buffer.from(this.bytes).toString(encoding);
    return this.#text;
  }
}
