// The check of what a policy says to httpProxy().

import { z } from 'zod';
import type { PortList } from '../../address/port-range.ts';
import { PortSet } from '../../address/port-range.ts';
import type { Stackable } from '../../proxy/engine.ts';
import { MAX_TIMER_MS } from '../../proxy/milliseconds.ts';
import { stackableSchema } from '../../proxy/stackable.ts';
import { accept } from '../../proxy/policy-action.ts';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { CheckedSettings } from '../../proxy/policy-fault.ts';
import { checkSettings } from '../../proxy/policy-fault.ts';
import type { AuthenticationSettings } from './authentication/authentication-settings.ts';
import { authenticationSchema } from './authentication/authentication-settings.ts';
import type { CategorySettings } from './filters/category-settings.ts';
import { categoryShape, checkCategories } from './filters/category-settings.ts';
import type { ErrorPagesOptions, PageLanguageName } from './pages/error-pages.ts';
import { errorPagesSchema } from './pages/error-pages.ts';
import type { BodySettings } from './bodies/body-settings.ts';
import { bodyShape } from './bodies/body-settings.ts';
import type { HeaderRules } from './rules/field-policy.ts';
import type { HttpOptions, RequestRule, ResponseRule } from './http-options.ts';
import { whole, yesOrNo } from './option-schemas.ts';
import { MAX_LINE_LENGTH } from './heads/request-line.ts';
import {
  needsService,
  requestFieldRules,
  requestRules,
  responseFieldRules,
  responseRules,
} from './rules/rule-schema.ts';
import type { ForwardedOption } from './forwarding/forwarded.ts';
import { forwardedSchema } from './forwarding/forwarded.ts';
import type { ViaOption } from './forwarding/via.ts';
import { viaSchema } from './forwarding/via.ts';
import type { CheckedParentProxy } from './parent-proxy.ts';
import { parentProxySchema } from './parent-proxy.ts';
import type { ConnectOption } from './tunnel/connect-option.ts';
import { connectSchema } from './tunnel/connect-option.ts';
import type { UpgradeRules } from './upgrade/upgrade-option.ts';
import { upgradeSchema } from './upgrade/upgrade-option.ts';
import type { RerequestSettings } from './rerequest/rerequest-settings.ts';
import { rerequestShape } from './rerequest/rerequest-settings.ts';
import type { OldProtocolSettings } from './old-protocol/old-settings.ts';
import { oldProtocolShape } from './old-protocol/old-settings.ts';
import type { StrictHeaderSettings } from './strict-header/strict-settings.ts';
import { strictHeaderShape } from './strict-header/strict-settings.ts';
import type { StackSettings } from './stacking/stack-settings.ts';
import { stackShape } from './stacking/stack-settings.ts';
import type { CheckedUrlFilter } from './filters/url-filter.ts';
import { urlFilterSchema } from './filters/url-filter.ts';
import type { UrlSettings } from './urls/url-settings.ts';
import { urlShape } from './urls/url-settings.ts';
import type { ServerNameCheck } from './server-name-settings.ts';
import { serverNameCheck } from './server-name-settings.ts';

/** Checked settings, with every default filled in. */
export interface HttpSettings
  extends
    UrlSettings,
    StrictHeaderSettings,
    OldProtocolSettings,
    CategorySettings,
    BodySettings,
    RerequestSettings,
    StackSettings {
  readonly mode: 'transparent' | 'explicit';
  readonly permitServerRequests: boolean;
  readonly permitProxyRequests: boolean;
  readonly urlFilter: CheckedUrlFilter | undefined;
  readonly request: Readonly<Record<string, RequestRule>>;
  readonly response: Readonly<Record<string, Readonly<Record<string, ResponseRule>>>>;
  readonly requestHeader: HeaderRules;
  readonly responseHeader: HeaderRules;
  readonly authentication: AuthenticationSettings | undefined;
  readonly socks: boolean;
  readonly connect: ConnectOption | undefined;
  readonly upgrade: UpgradeRules | undefined;
  readonly stacks: readonly Stackable[];
  readonly timeoutTunnelMs: number;
  readonly earlyHints: 'drop' | 'pass';
  readonly via: ViaOption;
  readonly forwarded: ForwardedOption;
  readonly parentProxy: CheckedParentProxy | undefined;
  readonly targetPorts: PortSet;
  readonly defaultPort: number;
  readonly rewriteHostHeader: boolean;
  readonly requireHostHeader: boolean;
  readonly checkServerName: ServerNameCheck;
  readonly maxLineLength: number;
  readonly maxHeadBytes: number;
  readonly maxUrlLength: number;
  readonly maxHostnameLength: number;
  readonly maxHeaderLines: number;
  readonly maxKeepaliveRequests: number;
  readonly shareServerConnections: boolean;
  readonly timeoutMs: number;
  readonly timeoutRequestMs: number;
  readonly timeoutResponseMs: number;
  readonly logRequests: boolean;
  readonly errorSilent: boolean;
  readonly errorPages: ErrorPagesOptions | undefined;
  readonly language: PageLanguageName;
}

const DEFAULT_URL_LENGTH = 4_096;

const portSet = z.custom<PortList>(isPortList, {
  error: "give ports such as 80, '80,443,8000-8999' or [80, 443], or '1-65535' for all",
});

const schema = z
  .strictObject({
    mode: z
      .enum(['transparent', 'explicit'], { error: "give 'transparent' or 'explicit'" })
      .default('transparent'),
    permitServerRequests: yesOrNo.optional(),
    permitProxyRequests: yesOrNo.optional(),
    urlFilter: urlFilterSchema.optional(),
    authentication: authenticationSchema.optional(),
    ...urlShape,
    ...strictHeaderShape,
    ...oldProtocolShape,
    ...categoryShape,
    request: requestRules.optional(),
    response: responseRules.default({}),
    requestHeader: requestFieldRules.default({}),
    responseHeader: responseFieldRules.default({}),
    ...bodyShape,
    ...rerequestShape,
    ...stackShape,
    socks: yesOrNo.default(false),
    connect: connectSchema.optional(),
    upgrade: upgradeSchema.optional(),
    stacks: z
      .array(stackableSchema, { error: 'give a list of services and programs' })
      .readonly()
      .default([]),
    timeoutTunnelMs: whole(1, MAX_TIMER_MS).default(600_000),
    earlyHints: z.enum(['drop', 'pass'], { error: "give 'drop' or 'pass'" }).default('drop'),
    via: viaSchema.default('keep'),
    forwarded: forwardedSchema.default('drop'),
    parentProxy: parentProxySchema.optional(),
    targetPorts: portSet.default('80,443'),
    defaultPort: whole(1, 65_535).default(80),
    rewriteHostHeader: yesOrNo.default(true),
    requireHostHeader: yesOrNo.default(true),
    checkServerName: serverNameCheck.default('refuse'),
    maxLineLength: whole(64, MAX_LINE_LENGTH).default(8_192),
    maxHeadBytes: whole(256, 1_048_576).default(65_536),
    maxUrlLength: whole(1, MAX_LINE_LENGTH).default(DEFAULT_URL_LENGTH),
    maxHostnameLength: whole(1, 1_024).default(256),
    maxHeaderLines: whole(1, 1_000).default(50),
    maxKeepaliveRequests: whole(0).default(0),
    shareServerConnections: yesOrNo.default(false),
    timeoutMs: whole(1, MAX_TIMER_MS).default(300_000),
    timeoutRequestMs: whole(1, MAX_TIMER_MS).default(10_000),
    timeoutResponseMs: whole(1, MAX_TIMER_MS).default(300_000),
    logRequests: yesOrNo.default(true),
    errorSilent: yesOrNo.default(false),
    errorPages: errorPagesSchema.optional(),
    language: z.enum(['en', 'de', 'hu'], { error: "give 'en', 'de' or 'hu'" }).default('en'),
  })
  .refine(({ request, connect }) => connect !== undefined || !needsService(request?.['CONNECT']), {
    path: ['request', 'CONNECT'],
    error: 'say with connect which service gets the contents, or remove it',
  })
  .refine(
    ({ request, connect }) =>
      connect === undefined || request === undefined || 'CONNECT' in request || '*' in request,
    {
      path: ['request'],
      error:
        'write CONNECT: accept() into it, too, or remove connect: what is not listed is refused',
    },
  )
  .refine(({ socks, connect }) => !socks || connect !== undefined, {
    path: ['socks'],
    error: 'say with connect which service gets the contents of the connections, or remove it',
  })
  .refine(
    ({ maxUrlLength: url, maxLineLength }) => url < maxLineLength || url === DEFAULT_URL_LENGTH,
    {
      path: ['maxUrlLength'],
      error:
        'give less than maxLineLength has: the line of a request has its method and its version as well',
    },
  )
  .refine((old) => !old.permitHttp09Requests || !old.requireHostHeader, {
    path: ['permitHttp09Requests'],
    error: 'set requireHostHeader to false, too: such requests have no Host',
  })
  .refine(({ mode, authentication }) => mode === 'transparent' || !authentication?.form, {
    path: ['authentication', 'form'],
    error: 'remove it: clients that know the proxy are asked by their browser, not by a page',
  })
  .check(checkCategories);
registerOptions('httpProxy', schema);

/** Checks settings; faults are not thrown but returned, for the object that they belong to. */
export function readSettings(given: HttpOptions): CheckedSettings<HttpSettings> {
  const { settings, faults } = checkSettings(schema, given, {});
  const isTransparent = settings.mode === 'transparent';
  const common = { GET: accept(), HEAD: accept(), POST: accept() };
  const { connect, urlFilter, urlCategories, authentication } = settings;
  const { errorPages, upgrade, parentProxy } = settings;
  return {
    faults,
    settings: {
      ...settings,
      // These have no default: where they were not given they are undefined here, and not missing.
      connect,
      upgrade,
      urlFilter,
      authentication,
      urlCategories,
      errorPages,
      parentProxy,
      permitServerRequests: settings.permitServerRequests ?? isTransparent,
      permitProxyRequests: settings.permitProxyRequests ?? !isTransparent,
      request:
        settings.request ?? (connect === undefined ? common : { ...common, CONNECT: accept() }),
      targetPorts: new PortSet(settings.targetPorts),
    },
  };
}

function isPortList(value: unknown): value is PortList {
  try {
    // PortSet checks whatever it is given, and throws for what are no ports.
    return value !== null && value !== undefined && !new PortSet(value as PortList).isEmpty;
  } catch {
    return false;
  }
}
