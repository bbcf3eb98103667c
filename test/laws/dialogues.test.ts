import { describe, it } from 'node:test';
import {
  asksFirst,
  cutInvariant,
  deterministic,
  final,
  obeysRefusal,
  passesNothing,
  restsUnseen,
  total,
} from './dialogue-laws.ts';
import { PROXIES } from './proxies.ts';
import type { DialogueLaw } from './run-law.ts';
import { corpusOf, replay, tryDialogues } from './run-law.ts';

const LAWS: Readonly<Record<string, DialogueLaw>> = {
  'is total': total,
  'is deterministic': deterministic,
  'is cut-invariant': cutInvariant,
  'fails closed when its connection is refused': obeysRefusal,
  'is final': final,
  'is made anew between two events, and nobody can tell': restsUnseen,
};

for (const proxy of PROXIES)
  describe(`the ${proxy.name} proxy`, () => {
    const { asking, refusing, variants } = proxy;
    const corpus = corpusOf(proxy);

    for (const [name, law] of Object.entries(LAWS))
      it(name, () => tryDialogues(proxy, variants, law));

    for (const { name, dialogue } of corpus)
      it(`obeys these laws with ${name}`, () => {
        for (const law of Object.values(LAWS)) replay(variants, dialogue, law);
      });

    if (Object.keys(refusing).length > 0)
      it('fails closed when its policy refuses everything', () => {
        tryDialogues(proxy, refusing, passesNothing);
        for (const { dialogue } of corpus) replay(refusing, dialogue, passesNothing);
      });

    if (asking !== undefined)
      it('asks its policy before anything goes to the server', () => {
        for (const decisions of [[true], [true, false], [false, true]]) {
          const law = asksFirst(asking, decisions);
          tryDialogues(proxy, { asking: asking(() => true) }, law);
          for (const { dialogue } of corpus) replay({ asking: asking(() => true) }, dialogue, law);
        }
      });
  });
