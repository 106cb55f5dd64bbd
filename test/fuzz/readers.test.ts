// The rule of all readers (`BencodeValue`): what nothing depends on never costs the content.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../src/protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../src/protocol/bencode/scan.js'
import type { BencodeType, BencodeValue } from '../../src/protocol/bencode/value.js'
import type { Metainfo, TorrentVersion } from '../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { decodeExtensionHandshake } from '../../src/protocol/peer/extension-handshake.js'
import { decodePeerExchange } from '../../src/protocol/peer/peer-exchange.js'
import { decodeAnnounceResponse } from '../../src/protocol/tracker/announce-response.js'
import { contentOf, digests, makeTorrent } from '../protocol/metainfo/making.js'

type Key = string | number
type Tree = number | Uint8Array | Tree[] | Map<string, Tree>

/** Optional keys that are read, and the types that are no deviation. */
const OPTIONAL: readonly [where: RegExp, types: readonly BencodeType[]][] = [
  [/^(announce|url-list)$/, ['string', 'list']],
  [/^announce-list$/, ['list']],
  [/^(comment|created by)$/, ['string']],
  [/^creation date$/, ['integer']],
  [/^piece layers$/, ['dictionary']],
  [/^piece layers,[^,]*$/, ['string']],
  [/^info,(source|name\.utf-8)$/, ['string']],
  [/^info,private$/, ['integer']],
  [/^info,files,\d+,path\.utf-8$/, ['list']],
  [/^info,(?!.*link).*sha256$/, ['string']],
  [/^info,.*symlink path$/, ['list']],
]

/** All that a torrent can say, so that each key has its turn. */
function fullTorrent(version: TorrentVersion): Tree {
  const files = [
    { path: ['a', 'long'], bytes: contentOf(100_000) },
    { path: ['empty'], bytes: contentOf(0) },
    { path: ['exec'], bytes: contentOf(10), isExecutable: true },
  ]
  const bytes = makeTorrent(files, {
    version,
    symlinks: [{ path: ['link'], target: ['exec'] }],
    withSha256: true,
    source: 'source',
    announcement: {
      trackers: [['http://t/', 'http://u/']],
      webSeeds: ['http://w/'],
      comment: 'c',
      createdBy: 'x',
    },
  })
  const root = mapOf(treeOf(scanBencode(bytes, METAINFO_LIMITS)))
  const info = mapOf(root.get('info'))
  info.set('name.utf-8', info.get('name') ?? 0).set('private', 0)
  root.set('announce', bytesOf('http://t/')).set('creation date', 5)
  const list = info.get('files')
  if (Array.isArray(list))
    for (const file of list) {
      const path = mapOf(file).get('path')
      const attr = mapOf(file).get('attr')
      // The path of a pad is not read.
      const isPad = attr instanceof Uint8Array && latin1(attr) === 'p'
      if (path !== undefined && !isPad) mapOf(file).set('path.utf-8', path)
    }
  return root
}

const TORRENTS = (['v1', 'v2', 'hybrid'] as const).map(version => {
  const tree = fullTorrent(version)
  return {
    version,
    tree,
    metainfo: parseMetainfo(encoded(tree), digests),
    optional: optionalKeysOf(version, tree),
  }
})

const bencodable: fc.Arbitrary<Tree> = fc.letrec<{ value: Tree }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.integer(), fc.maxSafeInteger()),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .dictionary(fc.string({ unit: 'binary-ascii', maxLength: 8 }), tie('value'), { maxKeys: 4 })
      .map(object => new Map(Object.entries(object))),
  ),
})).value

describe('a torrent in which an optional key has another type', () => {
  for (const { version, tree, metainfo, optional } of TORRENTS) {
    test(`has the same content, and a warning: ${version}`, () => {
      const kinds = new Set(optional.map(({ where }) => where.at(-1)))
      assert.ok(kinds.size >= 10, [...kinds].join())
      assert.deepEqual([metainfo.warnings, metainfo.oddities], [[], []])
      fc.assert(
        fc.property(fc.constantFrom(...optional), bencodable, ({ where, types }, value) => {
          fc.pre(!types.includes(typeOf(value)))
          const changed = parseMetainfo(encoded(replaced(tree, where, value)), digests)
          assert.deepEqual(contentIn(changed), contentIn(metainfo), where.join())
          assert.ok(changed.warnings.length + changed.oddities.length > 0, where.join())
        }),
        { numRuns: 600 },
      )
    })
  }
})

test('a torrent behind which anything stands is the same torrent', () => {
  const tail = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 200 }), bencodable.map(encoded))
  fc.assert(
    fc.property(fc.constantFrom(...TORRENTS), tail, ({ tree, metainfo }, bytes) => {
      const { entries, oddities, ...others } = parseMetainfo(concatBytes([encoded(tree), bytes]), digests)
      const { entries: expectedEntries, oddities: _, ...expected } = metainfo
      assert.deepEqual(others, expected)
      assert.deepEqual([...entries], [...expectedEntries])
      assert.equal(oddities.length, 1)
    }),
    { numRuns: 300 },
  )
})

describe('a message of which one key is odd', () => {
  const messages: [name: string, message: Map<string, Tree>, read: (bytes: Uint8Array) => unknown][] = [
    [
      'answer to an announce',
      new Map<string, Tree>([
        ['interval', 900],
        ['min interval', 60],
        ['complete', 1],
        ['incomplete', 2],
        ['tracker id', bytesOf('id')],
        ['external ip', Uint8Array.of(192, 0, 2, 9)],
        ['peers', Uint8Array.of(192, 0, 2, 1, 0, 80)],
        ['peers6', new Uint8Array(18).fill(1)],
      ]),
      decodeAnnounceResponse,
    ],
    [
      'extension handshake',
      new Map<string, Tree>([
        ['e', 1],
        ['m', new Map([['ut_pex', 3]])],
        ['metadata_size', 9],
        ['p', 6881],
        ['reqq', 100],
        ['upload_only', 1],
        ['v', bytesOf('x')],
        ['yourip', Uint8Array.of(1, 2, 3, 4)],
      ]),
      decodeExtensionHandshake,
    ],
    [
      'peer exchange',
      new Map<string, Tree>([
        ['added', Uint8Array.of(192, 0, 2, 1, 0, 80)],
        ['added.f', Uint8Array.of(2)],
        ['added6', new Uint8Array(18).fill(1)],
        ['dropped', Uint8Array.of(192, 0, 2, 3, 0, 80)],
      ]),
      bytes => decodePeerExchange(bytes, 50),
    ],
  ]
  for (const [name, message, read] of messages) {
    test(`is read: ${name}`, () => {
      const key = fc.constantFrom(...message.keys(), 'unknown')
      fc.assert(
        fc.property(key, bencodable, fc.uint8Array({ maxLength: 5 }), (odd, value, tail) => {
          const bytes = encoded(new Map([...message, [odd, value]]))
          const result = read(bytes)
          assert.ok(result !== undefined)
          assert.deepEqual(read(concatBytes([bytes, tail])), result)
          if (odd === 'unknown') assert.deepEqual(result, read(encoded(message)))
        }),
        { numRuns: 500 },
      )
    })
  }
})

interface OptionalKey {
  readonly where: readonly Key[]
  readonly types: readonly BencodeType[]
}

/** A link that only one half of a hybrid has makes the halves differ, which is an error, as in libtorrent. */
function optionalKeysOf(version: TorrentVersion, tree: Tree): OptionalKey[] {
  const all = [...optionalKeys(tree)]
  return version === 'hybrid' ? all.filter(({ where }) => where.at(-1) !== 'symlink path') : all
}

function* optionalKeys(tree: Tree, where: readonly Key[] = []): Iterable<OptionalKey> {
  const [, types] = OPTIONAL.find(([pattern]) => pattern.test(where.join())) ?? []
  if (types !== undefined) yield { where, types }
  const children = tree instanceof Map || Array.isArray(tree) ? tree.entries() : []
  for (const [key, child] of children) yield* optionalKeys(child, [...where, key])
}

/** A copy in which one value is another. */
function replaced(tree: Tree, [key, ...deeper]: readonly Key[], value: Tree): Tree {
  if (key === undefined) return value
  if (Array.isArray(tree)) return tree.map((item, i) => (i === key ? replaced(item, deeper, value) : item))
  if (!(tree instanceof Map)) return tree
  return new Map([...tree].map(([name, item]) => [name, name === key ? replaced(item, deeper, value) : item]))
}

/** What the info hash stands for, but for what only attributes and checksums say of a file. */
function contentIn({
  version,
  infoBytes: _,
  name,
  isFolder,
  pieceLength,
  pieceCount,
  pieces,
  size,
  entries,
}: Metainfo) {
  const files = [...entries].flatMap(entry =>
    entry.type === 'file' ? [[entry.path, entry.length, entry.offset, entry.piecesRoot]] : [],
  )
  return { version, name, isFolder, pieceLength, pieceCount, pieces, size, files }
}

/** Keys as text of one character a byte, since piece layers have binary ones. */
function treeOf(value: BencodeValue): Tree {
  switch (value.type) {
    case 'integer':
      return value.integer ?? 0
    case 'string':
      return value.string ?? new Uint8Array(0)
    case 'list':
      return (value.items ?? []).map(treeOf)
    case 'dictionary':
      return new Map((value.entries ?? []).map(([key, child]) => [latin1(key), treeOf(child)]))
  }
}

function encoded(tree: Tree): Uint8Array {
  return encodeBencode(inputOf(tree))
}

function inputOf(tree: Tree): BencodeInput {
  if (Array.isArray(tree)) return tree.map(inputOf)
  if (!(tree instanceof Map)) return tree
  return new Map([...tree].map(([key, child]) => [Buffer.from(key, 'latin1'), inputOf(child)]))
}

function typeOf(tree: Tree): BencodeType {
  if (typeof tree === 'number') return 'integer'
  if (tree instanceof Uint8Array) return 'string'
  return Array.isArray(tree) ? 'list' : 'dictionary'
}

function mapOf(tree: Tree | undefined): Map<string, Tree> {
  assert.ok(tree instanceof Map)
  return tree
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text))
}
