// Exactly what a policy file may import: the vocabulary, and the types that its author needs.

export { zone } from './policy/zone.ts';
export type { ListedService, ServiceList, Zone, ZoneOptions } from './policy/zone.ts';

export { csZoneListener, listener, zoneListener } from './policy/listener.ts';
export type {
  Diversion,
  ListenerOptions,
  ReceiverOptions,
  ReceivingOptions,
  ZoneChoice,
  ZoneLines,
  ZoneListenerOptions,
  ZonePairChoice,
  ZoneReceiverOptions,
} from './policy/listener-options.ts';
export { csZoneReceiver, receiver, zoneReceiver } from './policy/receiver.ts';
export type { Listener } from './policy/make-listener.ts';
export type { Bind, BindItem } from './policy/bind.ts';
export { interfaceBind, interfaceGroupBind } from './policy/interface-bind.ts';
export type {
  InterfaceBind,
  InterfaceBindOptions,
  InterfaceGroupBindOptions,
} from './policy/interface-bind.ts';
export { ruleListener } from './policy/rule-listener.ts';
export type { HiddenListenerOptions, RuleListenerOptions } from './policy/rule-listener.ts';

export { rule } from './policy/rule.ts';
export type { DetectLine, OneOrMany, Rule, RuleOptions } from './policy/rule.ts';
export type { ProtocolName } from './policy/ip-protocol.ts';
export type { PortList } from './address/port-range.ts';
export type { Detection, Detector, DetectorInput } from './proxy/detector.ts';
export { sshDetector } from './protocols/ssh/index.ts';
export { certificateDetector, sniDetector, tlsDetector } from './protocols/tls/index.ts';
export type { PeerCertificate, SeenCertificate, SessionTls, TlsFacts } from './proxy/tls-facts.ts';
export type { CertificateDetectorOptions, SniDetectorOptions } from './protocols/tls/index.ts';

export { socksDetector, socksProxy } from './protocols/socks/index.ts';
export type { SocksOptions } from './protocols/socks/index.ts';

export { denyService, service } from './policy/service.ts';
export type {
  AnyService,
  DenyService,
  DenyServiceOptions,
  Limits,
  Service,
  ServiceOptions,
} from './policy/service.ts';

export { pfService } from './policy/pf-service.ts';
export type { PfService, PfServiceOptions } from './policy/pf-service.ts';
export type { CommonReply, Ipv4Reply, Ipv6Reply } from './policy/refusal-kind.ts';

export {
  clientOnlyEncryption,
  clientOnlyStartTlsEncryption,
  fakeStartTlsEncryption,
  forwardStartTlsEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from './policy/encryption.ts';
export type {
  ClientEncryptionOptions,
  Encryption,
  ServerEncryptionOptions,
  TwoSidedEncryptionOptions,
} from './policy/encryption.ts';
export {
  dynamicCertificate,
  sniCertificates,
  staticCertificate,
} from './policy/certificate-source.ts';
export type {
  CertificateSource,
  DynamicCertificate,
  DynamicCertificateOptions,
  NamedCertificate,
  SniCertificates,
  SniCertificatesOptions,
  StaticCertificate,
  StaticCertificateOptions,
} from './policy/certificate-source.ts';
export type {
  ClientVerifyOptions,
  ServerVerifyOptions,
  VerifyOptions,
} from './policy/certificate-verifier.ts';
export type { TlsOptions, TlsVersion } from './policy/tls-options.ts';

export { directedRouter, inbandRouter, transparentRouter } from './policy/router.ts';
export type {
  DirectedRouterOptions,
  ForgePort,
  Router,
  RouterOptions,
  TransparentRouterOptions,
} from './policy/router.ts';

export { inbandAuthentication } from './policy/authentication.ts';
export type {
  Authentication,
  AuthenticationCache,
  AuthenticationLimits,
  InbandAuthenticationOptions,
} from './policy/authentication.ts';
export { functionProvider } from './policy/authentication-provider.ts';
export type {
  AuthenticationProvider,
  CheckFunction,
  FunctionProvider,
  ProvedUser,
} from './policy/authentication-provider.ts';
export { htpasswdProvider } from './policy/provider-htpasswd.ts';
export type { HtpasswdProvider, HtpasswdProviderOptions } from './policy/provider-htpasswd.ts';
export { ldapProvider } from './policy/provider-ldap.ts';
export type {
  LdapGroups,
  LdapProvider,
  LdapProviderOptions,
  LdapSearch,
  LdapTls,
} from './policy/provider-ldap.ts';
export { permitAll, permitAny, permitGroup, permitUser } from './policy/authorization.ts';
export type {
  AnyAuthorization,
  Authorization,
  AuthorizationFunction,
  Moment,
  Use,
} from './policy/authorization.ts';
export { permitTime } from './policy/authorization-time.ts';
export type { TimeInterval, Weekday } from './policy/authorization-time.ts';
export type { Authenticator, Credentials, Identity } from './proxy/authentication.ts';

export { dnsResolver, hashResolver } from './policy/resolver.ts';
export type {
  DnsResolver,
  DnsResolverOptions,
  HashResolver,
  HashResolverOptions,
  Resolver,
} from './policy/resolver.ts';
export { hashNat, randomNat, staticNat } from './policy/nat-addresses.ts';
export type { HashNatOptions, RandomNatOptions, StaticNatOptions } from './policy/nat-addresses.ts';
export { nat46, nat64 } from './policy/nat-families.ts';
export type { EmbeddingLength, Nat46Options, Nat64Options } from './policy/nat-families.ts';
export { generalNat, oneToOneNat } from './policy/nat-subnets.ts';
export type {
  GeneralMapping,
  GeneralNatOptions,
  OneToOneMapping,
  OneToOneNatOptions,
} from './policy/nat-subnets.ts';
export type {
  Nat,
  NatDirection,
  NatPair,
  NatRanges,
  RangeMapping,
  Translation,
} from './policy/nat.ts';

export { connectChainer } from './policy/chainer.ts';
export type {
  AvailabilityChainer,
  AvailabilityCheck,
  Chainer,
  ChainerOptions,
  ConnectChainer,
  ConnectChainerOptions,
  FinalChainer,
  MultiTargetChainer,
  SideStackChainer,
  StateBasedChainer,
} from './policy/chainer.ts';
export { sideStackChainer } from './policy/chainer-side-stack.ts';
export type { SideStackChainerOptions } from './policy/chainer-side-stack.ts';
export { availabilityChainer } from './policy/chainer-availability.ts';
export type { AvailabilityChainerOptions } from './policy/chainer-availability.ts';
export {
  failoverChainer,
  multiTargetChainer,
  roundRobinChainer,
} from './policy/chainer-targets.ts';
export type {
  MultiTargetChainerOptions,
  StateBasedChainerOptions,
} from './policy/chainer-targets.ts';

export { program } from './policy/program.ts';
export type { ProgramOptions } from './policy/program.ts';
export type { Environment, Program } from './proxy/program.ts';
export { contentHint } from './proxy/content-hint.ts';
export type { ContentHint } from './proxy/content-hint.ts';
export type { ContentVerdict, ContentWord } from './proxy/content-verdict.ts';

export { urlCategories } from './policy/url-categories.ts';
export type { UrlCategories } from './proxy/url-categories.ts';
export { urlListMatcher } from './policy/matcher-url-list.ts';
export { domainMatcher } from './policy/matcher-domain.ts';
export type { DomainMatcherOptions } from './policy/matcher-domain.ts';
export { dnsMatcher } from './policy/matcher-dns.ts';
export type { DnsMatcherOptions } from './policy/matcher-dns.ts';
export { functionMatcher } from './policy/matcher-function.ts';
export { regexpFileMatcher } from './policy/matcher-regexp-file.ts';
export type { RegexpFileMatcherOptions } from './policy/matcher-regexp-file.ts';
export { regexpMatcher } from './policy/matcher-regexp.ts';
export type { RegexpMatcherOptions } from './policy/matcher-regexp.ts';
export { and, eq, not, or, xor } from './policy/matcher-combine.ts';
export type { AnyMatcher, MatchFunction, Matcher } from './proxy/matcher.ts';

export { definePolicy } from './policy/define-policy.ts';
export type { PolicyOptions } from './policy/define-policy.ts';
export type { PacketFilterOptions, PacketFilterSettings } from './policy/packet-filter-settings.ts';
export type { Policy } from './policy/policy.ts';
export type { Lazy } from './policy/fields.ts';

export { abort, accept, deny, drop, reject } from './proxy/policy-action.ts';
export type { Abort, Accept, Drop, Reject } from './proxy/policy-action.ts';

export { attribute } from './proxy/proxy-session.ts';
export type { Attribute, NamedZone, ProxySession } from './proxy/proxy-session.ts';
export type {
  ConnectFailure,
  ProxyFactory,
  Refusal,
  Stackable,
  StackableService,
  StackChoice,
  StackedRefusal,
  Target,
} from './proxy/engine.ts';

export type { IpAddress } from './address/ip-address.ts';
export type { SocketAddress } from './address/socket-address.ts';
export type { Subnet } from './address/subnet.ts';

export { plugProxy } from './protocols/plug/index.ts';
export type {
  PlugAnswer,
  PlugCheck,
  PlugOptions,
  PlugStack,
  PlugStatistics,
} from './protocols/plug/index.ts';

export { customProxy } from './protocols/custom/index.ts';
export type {
  BodyOptions,
  BodyOutcome,
  Conversation,
  CustomOptions,
  NextBytes,
  NextLine,
  Peer,
  Preamble,
  Script,
  ScriptResult,
  ScriptVerdict,
  Step,
  TellRefusal,
  Waiting,
} from './protocols/custom/index.ts';

export { playProxy } from './proxy/play-proxy.ts';
export type { Play, PlayedEnding, PlayOptions } from './proxy/play-proxy.ts';
export type { PlayedPeer } from './proxy/played-peer.ts';

export {
  answer,
  changeBoth,
  changeName,
  changeRegexp,
  changeValue,
  httpDetector,
  httpProxy,
  insert,
  redirect,
  replace,
  webdavMethods,
} from './protocols/http/index.ts';
export type {
  Answer,
  AnswerOptions,
  AuthenticationOptions,
  BodyStack,
  CategoryRule,
  ChangeRegexp,
  ChangeRegexpOptions,
  ConnectAnswer,
  ConnectByPort,
  ConnectFunction,
  ConnectOption,
  ContentChoice,
  ContentDetection,
  ErrorPagesOptions,
  FieldAction,
  ForwardedOption,
  HeaderAction,
  HeaderRule,
  HeaderRules,
  HeaderText,
  HttpAction,
  HttpField,
  HttpHeader,
  HttpHeaders,
  HttpOptions,
  HttpRequest,
  HttpResponse,
  HttpUrl,
  LoginFormOptions,
  ParentChoice,
  ParentProxy,
  RequestRule,
  RequestStackRule,
  ResponseRule,
  ResponseStackRule,
  TunnelContents,
  UpgradeAnswer,
  UpgradeFunction,
  UpgradeRule,
  UpgradeRules,
  UrlChange,
  UrlFilter,
  ViaOption,
} from './protocols/http/index.ts';

export { webSocketProxy } from './protocols/websocket/index.ts';
export type {
  WebSocketAnswer,
  WebSocketFrame,
  WebSocketMessage,
  WebSocketOptions,
  WebSocketRule,
} from './protocols/websocket/index.ts';

export { fingerProxy } from './protocols/finger/index.ts';
export type {
  FingerAnswer,
  FingerOptions,
  FingerRequest,
  FingerRule,
} from './protocols/finger/index.ts';

export { whoisProxy } from './protocols/whois/index.ts';
export type {
  WhoisAnswer,
  WhoisOptions,
  WhoisRequest,
  WhoisRule,
} from './protocols/whois/index.ts';

export { acceptAs } from './proxy/query-settings.ts';
export type { AcceptAs } from './proxy/query-settings.ts';
