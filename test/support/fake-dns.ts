// DNS that a test answers, question by question.
import { IpAddress } from '../../src/address/ip-address.ts';
import type { DnsAnswer, DnsClient, DnsQuestion } from '../../src/session/outside.ts';

interface Asked {
  readonly name: string;
  readonly done: (answer: DnsAnswer) => void;
}

/** Keeps questions until the test answers them. A question is named `ipv4 www.example.org`. */
export class FakeDns implements DnsClient {
  #asked: Asked[] = [];

  query({ host, family }: DnsQuestion, _timeoutMs: number, done: Asked['done']): void {
    this.#asked.push({ name: `${family} ${host}`, done });
  }

  /** What waits for an answer. */
  get open(): readonly string[] {
    return this.#asked.map(({ name }) => name);
  }

  answer(name: string, addresses: readonly string[], ttlMs = 60_000): void {
    this.#take(name)({
      ok: true,
      addresses: addresses.map((text) => IpAddress.parse(text)),
      ttlMs,
    });
  }

  fail(name: string, error = 'ESERVFAIL'): void {
    this.#take(name)({ ok: false, error });
  }

  #take(name: string): Asked['done'] {
    const asked = this.#asked.find((one) => one.name === name);
    if (asked === undefined) throw new Error(`Nobody asked ${name}`);
    this.#asked = this.#asked.filter((one) => one !== asked);
    return asked.done;
  }
}
