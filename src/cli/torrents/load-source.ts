import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { concatBytes } from '../../base/bytes.js'
import { CodedError } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import { readBytes } from '../../base/read-bytes.js'
import { systemReason } from '../errors/system-reason.js'

/** What a `<source>` on the command line turned out to be. */
export type Source =
  /** A .torrent, not read any further yet. */
  | { readonly type: 'metainfo'; readonly bytes: Uint8Array }
  /** A magnet link; a bare info hash has become one. */
  | { readonly type: 'magnet'; readonly text: string }
  /** A file or a folder that is no .torrent. */
  | { readonly type: 'path'; readonly path: string }

export type SourceErrorCode =
  | 'not-found'
  | 'unreadable'
  | 'too-large'
  | 'unreachable'
  | 'http-status'
  /** Something else than a .torrent. */
  | 'no-torrent'
  /** A .torrent with something wrong in it; the message names the key. */
  | 'bad-torrent'
  /** A magnet link where only a .torrent will do. */
  | 'magnet'

export class SourceError extends CodedError<SourceErrorCode, { source: string }> {}

export interface LoadOptions {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  /** Longest silence of a web server. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

const MAX_TORRENT_BYTES = 100 * 2 ** 20
const WEB_TIMEOUT_MS = 30_000

const log = debugLog('cli')

/** What `source` stands for: a file, `-`, an http(s) address, a magnet link or an info hash. Throws `SourceError`. */
export async function loadSource(source: string, options: LoadOptions = {}): Promise<Source> {
  if (source === '') throw new SourceError('not-found', 'a source with no name', { source })
  if (source === '-') {
    const stdin = options.stdin ?? process.stdin
    return { type: 'metainfo', bytes: await collect(stdin, 'standard input', options.maxBytes) }
  }
  if (/^magnet:/i.test(source)) return { type: 'magnet', text: source }
  if (/^https?:\/\//i.test(source)) return { type: 'metainfo', bytes: await download(source, options) }
  return await loadPath(source, options)
}

async function loadPath(path: string, { maxBytes }: LoadOptions): Promise<Source> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return { type: 'path', path }
    if (stats.isFile() && !/\.torrent$/i.test(path) && !(await looksLikeTorrent(path))) {
      return { type: 'path', path }
    }
    // What has no size, or is no file, tells only at its end how long it is.
    if (!stats.isFile() || stats.size === 0)
      return { type: 'metainfo', bytes: await collect(createReadStream(path), path, maxBytes) }
    return { type: 'metainfo', bytes: await readWhole(path, stats.size, maxBytes) }
  } catch (error) {
    if (error instanceof SourceError) throw error
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const magnet = isMissing ? magnetOfInfoHash(path) : undefined
    if (magnet !== undefined) return { type: 'magnet', text: magnet }
    const code = isMissing ? 'not-found' : 'unreadable'
    throw new SourceError(code, `${path}: ${systemReason(error)}`, { source: path }, { cause: error })
  }
}

async function readWhole(path: string, size: number, maxBytes = MAX_TORRENT_BYTES): Promise<Uint8Array> {
  if (size > maxBytes) throw tooLarge(path, maxBytes)
  await using file = await open(path)
  return await readBytes(file, size)
}

/** Whether a file begins as every .torrent does, with a dictionary: such a file may have any name. */
async function looksLikeTorrent(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
  return /^d\d{1,3}:[\x20-\x7e]/.test(buffer.toString('latin1', 0, bytesRead))
}

function magnetOfInfoHash(text: string): string | undefined {
  if (/^[0-9a-f]{40}$/i.test(text)) return `magnet:?xt=urn:btih:${text.toLowerCase()}`
  // The multihash of SHA-256 begins with its code and its length (BEP 52).
  if (/^[0-9a-f]{64}$/i.test(text)) return `magnet:?xt=urn:btmh:1220${text.toLowerCase()}`
  return undefined
}

async function download(url: string, options: LoadOptions): Promise<Uint8Array> {
  // Loaded only here: it takes longer than to read and to show a torrent.
  const { Agent, fetch } = await import('undici')
  const timeout = options.timeoutMs ?? WEB_TIMEOUT_MS
  const agent = new Agent({ connect: { timeout }, headersTimeout: timeout, bodyTimeout: timeout })
  try {
    const response = await fetch(url, {
      dispatcher: agent,
      headers: { accept: 'application/x-bittorrent, */*;q=0.1' },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    log('%s answered %d %s', url, response.status, response.headers.get('content-type') ?? '')
    if (!response.ok) {
      const status = `${response.status} ${response.statusText}`.trimEnd()
      throw new SourceError('http-status', `${url}: the server answered ${status}`, { source: url })
    }
    return response.body === null ? new Uint8Array() : await collect(response.body, url, options.maxBytes)
  } catch (error) {
    if (error instanceof SourceError) throw error
    // `fetch` says no more than "fetch failed"; why is in the cause.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new SourceError('unreachable', `${url}: ${systemReason(cause)}`, { source: url }, { cause: error })
  } finally {
    await agent.destroy()
  }
}

/** All bytes of a stream, of which no more than a .torrent may have are ever held. */
async function collect(
  stream: AsyncIterable<unknown>,
  source: string,
  maxBytes = MAX_TORRENT_BYTES,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes is needed')
    length += chunk.length
    if (length > maxBytes) throw tooLarge(source, maxBytes)
    chunks.push(chunk)
  }
  return concatBytes(chunks)
}

function tooLarge(source: string, maxBytes: number): SourceError {
  const limit = `${Math.round(maxBytes / 2 ** 20)} MiB`
  return new SourceError('too-large', `${source}: a .torrent has at most ${limit}`, { source })
}
