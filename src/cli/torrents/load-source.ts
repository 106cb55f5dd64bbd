// With the callbacks of node:fs, since loading node:fs/promises takes longer than reading a .torrent.
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { promisify } from 'node:util'
import { concatBytes } from '../../base/bytes.js'
import { systemReason } from '../errors/system-reason.js'
import { LoadingNotes } from './loading-notes.js'
import { isWebAddress, SourceError } from './source-error.js'

/** The type and contents of a `<source>` on the command line. */
export type Source =
  /** A .torrent, not read any further yet. */
  | { readonly type: 'metainfo'; readonly bytes: Uint8Array }
  /** A magnet link; a bare info hash has become one. */
  | { readonly type: 'magnet'; readonly text: string }
  /** A file or a folder that is not a .torrent. */
  | { readonly type: 'path'; readonly path: string }

export interface LoadOptions {
  readonly stdin?: Readable
  readonly signal?: AbortSignal | undefined
  /** The longest silence of a web server, in milliseconds: 30 s. */
  readonly timeoutMs?: number | undefined
  readonly maxBytes?: number
  /** Takes lines for people about a source that takes longer than a second. */
  readonly note?: ((text: string) => void) | undefined
}

const stat = promisify(fs.stat)
const open = promisify(fs.open)
const read = promisify(fs.read)
const close = promisify(fs.close)

const MAX_TORRENT_BYTES = 100 * 2 ** 20

const NO_INFO_HASH =
  'no such file, and not an info hash, which has 40 or 64 hexadecimal digits, or 32 in base32'

/**
 * Loads a source: a file, `-`, an http(s) address, a magnet link or an info hash.
 * @throws {SourceError}; where `options.signal` was aborted, its reason, at once
 */
export async function loadSource(source: string, options: LoadOptions = {}): Promise<Source> {
  if (source === '') throw new SourceError('not-found', 'a source with no name', { source })
  using notes = new LoadingNotes(source, options.note ?? (() => {}))
  if (source === '-') {
    const bytes = await collect(options.stdin ?? process.stdin, 'standard input', options)
    return { type: 'metainfo', bytes }
  }
  if (/^magnet:/i.test(source)) return { type: 'magnet', text: source }
  if (isWebAddress(source)) {
    const { download } = await import('./web-source.js')
    const bytes = await download(source, {
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      maxBytes: options.maxBytes ?? MAX_TORRENT_BYTES,
      onProgress: received => notes.received(received),
    })
    return { type: 'metainfo', bytes }
  }
  return await loadPath(source, options)
}

async function loadPath(path: string, options: LoadOptions): Promise<Source> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return { type: 'path', path }
    if (stats.isFile() && !/\.torrent$/i.test(path) && !(await looksLikeTorrent(path))) {
      return { type: 'path', path }
    }
    // The length of pipes and special files is only known at their end.
    if (!stats.isFile() || stats.size === 0) {
      return { type: 'metainfo', bytes: await collect(await openStream(path, stats), path, options) }
    }
    return { type: 'metainfo', bytes: await readWhole(path, stats.size, options.maxBytes) }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof SourceError) throw error
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const magnet = isMissing ? magnetOfInfoHash(path) : undefined
    if (magnet !== undefined) return { type: 'magnet', text: magnet }
    const code = isMissing ? 'not-found' : 'unreadable'
    const reason = isMissing && looksLikeInfoHash(path) ? NO_INFO_HASH : systemReason(error)
    throw new SourceError(code, `${path}: ${reason}`, { source: path }, { cause: error })
  }
}

/**
 * A FIFO is opened without blocking: a thread that waits for a writer could not be interrupted, and would keep the process from
 * exiting.
 */
async function openStream(path: string, stats: fs.Stats): Promise<Readable> {
  if (!stats.isFIFO()) return fs.createReadStream(path)
  const fd = await open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

async function readWhole(path: string, size: number, maxBytes = MAX_TORRENT_BYTES): Promise<Uint8Array> {
  if (size > maxBytes) throw tooLarge(path, maxBytes)
  return await readStart(path, size)
}

/** The first `size` bytes of a file, or all of a shorter one. */
async function readStart(path: string, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size)
  let length = 0
  const fd = await open(path, 'r')
  try {
    while (length < size) {
      const { bytesRead } = await read(fd, bytes, length, size - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
  } finally {
    await close(fd)
  }
  return bytes.subarray(0, length)
}

/** True if a file begins with a dictionary, as every .torrent does: such a file may have any name. */
async function looksLikeTorrent(path: string): Promise<boolean> {
  const start = await readStart(path, 16)
  return /^d\d{1,3}:[\x20-\x7e]/.test(start.toString('latin1'))
}

function magnetOfInfoHash(text: string): string | undefined {
  if (/^([0-9a-f]{40}|[a-z2-7]{32})$/i.test(text)) return `magnet:?xt=urn:btih:${text.toLowerCase()}`
  // The multihash of SHA-256 begins with its code and its length (BEP 52).
  if (/^[0-9a-f]{64}$/i.test(text)) return `magnet:?xt=urn:btmh:1220${text.toLowerCase()}`
  return undefined
}

/** All bytes of a stream, of which no more than a .torrent may have are ever held. */
async function collect(
  stream: Readable,
  source: string,
  { maxBytes = MAX_TORRENT_BYTES, signal }: LoadOptions,
): Promise<Uint8Array> {
  if (signal !== undefined) addAbortSignal(signal, stream)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes is needed')
      length += chunk.length
      if (length > maxBytes) throw tooLarge(source, maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
  return concatBytes(chunks)
}

function tooLarge(source: string, maxBytes: number): SourceError {
  const limit = `${Math.round(maxBytes / 2 ** 20)} MiB`
  return new SourceError('too-large', `${source}: a .torrent has at most ${limit}`, { source })
}

/** True for text that was probably meant as an info hash, with some characters too many or too few. */
function looksLikeInfoHash(text: string): boolean {
  return /^[0-9a-f]{30,70}$/i.test(text)
}
