// The chainer that puts another proxy between a session and its server: beside the first one, not inside it.

import { z } from 'zod';
import type { ProxyFactory } from '../proxy/engine.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { Chainer, SideStackChainer } from './chainer.ts';
import { connectChainer } from './chainer.ts';
import { objectOf } from './fields.ts';
import { NO_PROXY, proxyFactory } from './proxy-field.ts';

/** Options of `sideStackChainer`. */
export interface SideStackChainerOptions {
  /** The proxy beside: the server side of the session is its client side. */
  readonly proxy: ProxyFactory;
  /** How the proxy beside connects onward; another `sideStackChainer()` makes a longer chain. Default: `connectChainer()`. */
  readonly chainer?: Chainer;
}

const schema = z.strictObject({
  proxy: proxyFactory,
  chainer: objectOf<Chainer>(['chainer'], 'give a chainer, such as connectChainer()').optional(),
});
registerOptions('sideStackChainer', schema);

const DEFAULT_CHAINER = connectChainer();

/**
 * Lets the server side of a session go through another proxy that runs beside it and connects onward to the same server.
 * @example service('web', { proxy: httpProxy(), chainer: sideStackChainer({ proxy: plugProxy({ stack: filter }) }) });
 */
export function sideStackChainer(options: SideStackChainerOptions): SideStackChainer {
  const { settings, faults } = checkSettings(schema, options, { proxy: NO_PROXY });
  const chainer = settings.chainer ?? declare({ ...DEFAULT_CHAINER }, sideStackChainer);
  const made: SideStackChainer = {
    kind: 'chainer',
    type: 'side-stack',
    proxy: settings.proxy,
    chainer,
    timeoutConnectMs: chainer.timeoutConnectMs,
  };
  return declare(made, sideStackChainer, faults);
}
