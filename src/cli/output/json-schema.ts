// The one definition of what `--json` writes: an object a line. The program uses its types alone, so that it neither loads nor
// ships valibot; the tests validate every line that any command writes. Sizes are bytes, rates bytes per second, hashes hexadecimal.

import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const amount = v.pipe(v.number(), v.minValue(0))
const sha1 = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const port = v.pipe(count, v.maxValue(65_535))
/** Of something on this machine. */
const absolutePath = v.pipe(v.string(), v.regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)/))

/** Members that every event has. */
const common = {
  /** ISO 8601. */
  time: v.pipe(v.string(), v.isoTimestamp()),
}

/** The torrent it is about: its v1 info hash, or the v2 one if it has no other. */
const ofTorrent = { infoHash: v.union([sha1, sha256]) }

const infoHashes = { infoHashV1: v.exactOptional(sha1), infoHashV2: v.exactOptional(sha256) }

const trackers = v.pipe(v.array(v.pipe(v.array(v.string()), v.readonly())), v.readonly())
const texts = v.pipe(v.array(v.string()), v.readonly())

/** A file of a torrent; `path` begins with the name of the torrent and has `/` between its components. */
const file = v.strictObject({ path: v.string(), length: count, sha256: v.exactOptional(sha256) })

const layout = {
  name: v.string(),
  size: count,
  pieceLength: count,
  pieceCount: count,
  files: v.pipe(v.array(file), v.readonly()),
}

export const torrentFacts = v.strictObject({ ...layout, ...infoHashes })

const details = {
  version: v.picklist(['v1', 'v2', 'hybrid']),
  private: v.boolean(),
  trackers,
  webSeeds: texts,
  /** Of the DHT, as `<host>:<port>`. */
  nodes: texts,
  source: v.exactOptional(v.string()),
  comment: v.exactOptional(v.string()),
  createdBy: v.exactOptional(v.string()),
  /** ISO 8601; the number of seconds where that is no date. */
  creationDate: v.exactOptional(v.string()),
  magnet: v.string(),
  warnings: texts,
}
export const torrentDetails = v.strictObject(details)

const magnetMembers = { name: v.exactOptional(v.string()), ...infoHashes, trackers, webSeeds: texts }
export const magnetFacts = v.strictObject(magnetMembers)

const problem = { infoHash: v.exactOptional(ofTorrent.infoHash), code: v.string(), message: v.string() }

/** By `type`. `info` has two forms: of a .torrent, and of a magnet link or an info hash. */
export const eventSchemas = {
  added: v.strictObject({ type: v.literal('added'), ...common, ...ofTorrent, ...torrentFacts.entries }),
  /** While peers are asked for the metainfo: at first, and each second. `added` follows once it is here. */
  metadata: v.strictObject({
    type: v.literal('metadata'),
    ...common,
    ...ofTorrent,
    name: v.exactOptional(v.string()),
    ...infoHashes,
    /** Bytes of the info dictionary that are here. */
    got: count,
    /** Of all of it; left out until a peer says so. */
    size: v.exactOptional(count),
    peers: count,
  }),
  checking: v.strictObject({ type: v.literal('checking'), ...common, ...ofTorrent }),
  progress: v.strictObject({
    type: v.literal('progress'),
    ...common,
    ...ofTorrent,
    done: count,
    total: count,
    /** Pieces that were verified. */
    verified: count,
    down: count,
    up: count,
    /** Bytes of blocks since it was added, those that were of no use among them. */
    downloaded: count,
    uploaded: count,
    /** Uploaded over all sessions for each byte of the content; left out where there is none. */
    ratio: v.exactOptional(amount),
    peers: count,
    /** Seconds; left out where it is not known. */
    eta: v.exactOptional(count),
  }),
  complete: v.strictObject({
    type: v.literal('complete'),
    ...common,
    ...ofTorrent,
    path: absolutePath,
    seconds: amount,
    /** Of a single file. */
    sha256: v.exactOptional(sha256),
    /** The files whose own SHA-256 the publisher stored, and that were found to agree. */
    checksums: v.exactOptional(v.pipe(v.array(v.strictObject({ path: v.string(), sha256 })), v.readonly())),
  }),
  seeding: v.strictObject({ type: v.literal('seeding'), ...common, ...ofTorrent, port }),
  stopped: v.strictObject({
    type: v.literal('stopped'),
    ...common,
    ...ofTorrent,
    reason: v.picklist(['signal', 'complete', 'ratio', 'seed-time', 'error']),
    downloaded: count,
    uploaded: count,
    /** Uploaded over all sessions for each byte of the content; left out where there is none. */
    ratio: v.exactOptional(amount),
  }),
  warning: v.strictObject({ type: v.literal('warning'), ...common, ...problem }),
  error: v.strictObject({ type: v.literal('error'), ...common, ...problem }),
  made: v.strictObject({
    type: v.literal('made'),
    ...common,
    ...ofTorrent,
    /** Of the .torrent. */
    path: absolutePath,
    ...torrentFacts.entries,
  }),
  draft: v.strictObject({
    type: v.literal('draft'),
    ...common,
    /** Of the .torrent; left out for standard output. */
    path: v.exactOptional(absolutePath),
    ...layout,
  }),
  info: v.union([
    v.strictObject({ type: v.literal('info'), ...common, ...torrentFacts.entries, ...details }),
    v.strictObject({ type: v.literal('info'), ...common, ...magnetMembers }),
  ]),
  checked: v.strictObject({
    type: v.literal('checked'),
    ...common,
    ...ofTorrent,
    name: v.string(),
    ...infoHashes,
    /** Of the content. */
    path: absolutePath,
    ok: v.boolean(),
    pieceCount: count,
    badPieces: count,
    files: v.pipe(
      v.array(
        v.strictObject({
          path: v.string(),
          state: v.picklist(['ok', 'damaged', 'missing', 'too-short', 'too-long', 'blocked', 'not-selected']),
        }),
      ),
      v.readonly(),
    ),
  }),
  /** What a download would do. */
  preview: v.strictObject({
    type: v.literal('preview'),
    ...common,
    ...ofTorrent,
    name: v.string(),
    ...infoHashes,
    /** Of the content. */
    path: absolutePath,
    /** Of the selected files, and how much of them is there. */
    size: count,
    done: count,
    /** What peers would have to send: whole pieces. */
    missing: count,
    /** What the selected files may still take of the disk, and what it has free. */
    room: count,
    free: count,
    files: v.pipe(
      v.array(v.strictObject({ path: v.string(), length: count, done: count, selected: v.boolean() })),
      v.readonly(),
    ),
  }),
  magnet: v.strictObject({
    type: v.literal('magnet'),
    ...common,
    ...ofTorrent,
    name: v.string(),
    ...infoHashes,
    magnet: v.string(),
  }),
  /** Of one tracker about one swarm; a number that the tracker does not say is left out. */
  scrape: v.strictObject({
    type: v.literal('scrape'),
    ...common,
    ...ofTorrent,
    /** Of the tracker. */
    url: v.string(),
    seeders: v.exactOptional(count),
    leechers: v.exactOptional(count),
    downloads: v.exactOptional(count),
  }),
  listening: v.strictObject({ type: v.literal('listening'), ...common, port, urls: texts }),
} as const

export type EventSchemas = typeof eventSchemas
