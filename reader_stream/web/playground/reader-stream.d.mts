// The types of reader-stream.mjs; TypeScript finds them beside it.

/** A failure that the service tells: `name` is the contract's, `retryAfter` in seconds. */
export class ReaderError extends Error {
  readonly code: number;
  readonly status?: number;
  readonly path?: string;
  readonly retryable: boolean;
  readonly retryAfter?: number;
}

/** No answer: the service cannot be reached, connections keep breaking, or it is no Reader service. */
export class TransportError extends Error {}

/** The events do not fold to the content that the service says it sent. */
export class IntegrityError extends TransportError {}

export interface Progress {
  phase: "html" | "interactive" | "loaded" | "settled";
  /** 0 to 1: the share of the content that is expected to stay. */
  stability: number;
  /** Requests of the page that are under way. */
  pending: number;
}

export interface Completeness {
  state: "complete" | "partial" | "blocked" | "empty";
  reasons: string[];
}

/** A document so far. Versions rise within one read; when a read cannot be resumed, a new one starts over. */
interface DocumentBase {
  url: string;
  title: string;
  /** The main part of what was asked for, as one text. */
  content: string;
  version: number;
  progress?: Progress;
}

export interface PartialDocument extends DocumentBase {
  final: false;
}

export interface FinalDocument extends DocumentBase {
  final: true;
  /** False where the browser has no `crypto.subtle` (plain http:). */
  verified: boolean;
  completeness: Completeness;
  /** All that the service says, as in its JSON answer. */
  data: Record<string, unknown>;
}

export type Document = PartialDocument | FinalDocument;

type Switch = boolean | "true" | "false";

/** What can be asked of a read, as the contract names it in a body; the service has the defaults. */
export interface ReadOptions {
  html?: string;
  /** Base64. */
  pdf?: string;
  /** Base64. */
  file?: string;
  pdfPassword?: string;
  respondWith?: string | string[];
  engine?: "auto" | "browser" | "http" | "curl" | "direct";
  /** Seconds, 1 to 180. */
  timeout?: number;
  respondTiming?:
    | "html"
    | "visible-content"
    | "mutation-idle"
    | "resource-idle"
    | "media-idle"
    | "network-idle";
  targetSelector?: string | string[];
  waitForSelector?: string | string[];
  removeSelector?: string | string[];
  withIframe?: Switch | "quoted";
  withShadowDom?: Switch;
  removeOverlay?: Switch;
  retainImages?: "all" | "none" | "alt" | "all_p" | "alt_p";
  retainLinks?: "all" | "none" | "text" | "gpt-oss";
  withLinksSummary?: Switch | "all";
  withImagesSummary?: Switch;
  withGeneratedAlt?: Switch;
  keepImgDataUrl?: Switch;
  noGfm?: Switch | "table";
  markdown?: {
    headingStyle?: "atx" | "setext";
    hr?: string;
    bulletListMarker?: "-" | "+" | "*";
    emDelimiter?: "_" | "*";
    strongDelimiter?: "**" | "__";
    linkStyle?: "inlined" | "referenced" | "discarded";
    linkReferenceStyle?: "full" | "collapsed" | "shortcut";
  };
  markdownChunking?: Switch | string;
  setCookies?: string | string[];
  proxyUrl?: string;
  userAgent?: string;
  locale?: string;
  referer?: string;
  viewport?: {
    width?: number;
    height?: number;
    deviceScaleFactor?: number;
    isMobile?: boolean;
    isLandscape?: boolean;
    hasTouch?: boolean;
  };
  injectPageScript?: string | string[];
  injectFrameScript?: string | string[];
  customHeader?: Record<string, string>;
  noCache?: Switch;
  /** Seconds. */
  cacheTolerance?: number;
  doNotTrack?: Switch;
  robotsTxt?: string;
  base?: "initial" | "final";
  tokenBudget?: number;
  maxTokens?: number;
  streamMode?: "snapshot" | "patch";
  stopWhen?: `stability>=${number}` | `tokens>=${number}` | `selector:${string}` | `text:${string}`;
  cursor?: string;
}

/** Besides the options of the read: how the client goes about it. */
export interface ClientOptions {
  signal?: AbortSignal;
  apiKey?: string;
  /** Go with every request. */
  headers?: Record<string, string>;
  /** Connections in a row that may break without anything new (5). */
  retries?: number;
  /** A connection on which nothing comes for so long counts as broken (30,000). */
  silenceMs?: number;
}

/**
 * The documents of a read as they come, each with other content; the last has `final` set. It throws
 * ReaderError, TransportError or IntegrityError, and the signal's reason when it is aborted.
 */
export function stream(
  base: string | URL,
  url: string | URL,
  options?: ClientOptions & ReadOptions,
): AsyncGenerator<Document, void, void>;

/** The last document of a read. It throws as `stream` does. */
export function read(
  base: string | URL,
  url: string | URL,
  options?: ClientOptions & ReadOptions,
): Promise<FinalDocument>;
