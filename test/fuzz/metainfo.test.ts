import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, toUtf8 } from '../../src/base/bytes.js'
import { inOneGo } from '../../src/base/steps.js'
import { MetainfoError } from '../../src/protocol/metainfo/metainfo-error.js'
import { parseInfoInSteps, parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { PieceMap } from '../../src/protocol/metainfo/piece-map.js'
import { contentOf, digests, makeTorrent } from '../protocol/metainfo/making.js'
import { withinCpuTime } from '../support/cpu-time.js'

const TORRENTS: readonly Uint8Array[] = [
  ...readdirSync('fixtures')
    .filter(name => name.endsWith('.torrent'))
    .map(name => new Uint8Array(readFileSync(`fixtures/${name}`))),
  makeTorrent([{ path: ['a', 'b'], bytes: contentOf(70_000) }], {
    symlinks: [{ path: ['l'], target: ['a'] }],
    withSha256: true,
    isPrivate: true,
    announcement: {
      trackers: [['http://t/'], ['udp://u:1']],
      webSeeds: ['http://w/'],
      nodes: [{ host: 'n.example', port: 1 }],
      comment: 'c',
    },
  }),
]

/** No single torrent of this size may take more. */
const MAX_CPU_MS = 1_000

type Outcome = 'read' | 'refused'

/** Reads a torrent, or has it refused as it should be, and uses what came out. */
function read(bytes: Uint8Array): Outcome {
  return withinCpuTime(MAX_CPU_MS, () => readUnbounded(bytes))
}

function readUnbounded(bytes: Uint8Array): Outcome {
  let outcome: Outcome = 'read'
  try {
    const metainfo = parseMetainfo(bytes, digests)
    use(new PieceMap(metainfo), metainfo.pieceCount)
    for (const { path } of metainfo.entries) assert.ok(path.length > 0 && !path.includes('..'))
    inOneGo(parseInfoInSteps(metainfo.infoBytes, digests))
  } catch (thrown) {
    assert.ok(
      thrown instanceof MetainfoError,
      thrown instanceof Error ? (thrown.stack ?? '') : String(thrown),
    )
    assert.doesNotMatch(thrown.message, /\n/)
    outcome = 'refused'
  }
  return outcome
}

function use(map: PieceMap, pieceCount: number): void {
  for (const piece of [0, pieceCount >> 1, pieceCount - 1]) {
    if (piece < 0) continue
    assert.ok(map.dataSize(piece) <= map.servedSize(piece))
    map.slices(piece, 0, map.pieceSize(piece))
  }
}

const torrents = fc.constantFrom(...TORRENTS)
/** What a mutation puts in: the signs of bencoding, numbers at the edges, keys that mean something. */
const scraps = fc.oneof(
  fc
    .constantFrom(
      ...[
        'd',
        'l',
        'e',
        'i',
        '0:',
        '1:',
        'i0e',
        'i-1e',
        'le',
        'de',
        '0',
        '9',
        '-',
        ':',
        'i9007199254740993e',
      ],
      ...[
        'i16384e',
        'i1e',
        'i536870912e',
        '2:..',
        '1:/',
        '9:__proto__',
        '4:attr1:p',
        '4:attr1:l',
        '6:lengthi5e',
      ],
      ...['5:filesle', '12:meta versioni2e', '12:meta versioni3e', '4:pathle', '12:symlink pathl2:..e'],
    )
    .map(toUtf8),
  fc.uint8Array({ maxLength: 6 }),
)

describe('a torrent that was changed is read or refused, never anything else', () => {
  const place = fc.integer({ min: 0, max: 9_999 }).map(tenThousandths => tenThousandths / 10_000)
  const mutations = fc.array(fc.record({ place, cut: fc.nat({ max: 8 }), scrap: scraps }), {
    minLength: 1,
    maxLength: 4,
  })

  test('with bytes cut out and scraps put in', () => {
    const outcomes = { read: 0, refused: 0 }
    fc.assert(
      fc.property(torrents, mutations, (torrent, changes) => {
        let bytes = torrent
        for (const change of changes) {
          const at = Math.floor(change.place * bytes.length)
          bytes = concatBytes([bytes.subarray(0, at), change.scrap, bytes.subarray(at + change.cut)])
        }
        outcomes[read(bytes)]++
      }),
      { numRuns: 5_000 },
    )
    assert.ok(outcomes.refused > 1_000, `only ${outcomes.refused} were refused`)
  })

  test('with bytes changed in place, where lengths stay right and the rest is looked at', () => {
    const outcomes = { read: 0, refused: 0 }
    const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(torrents, changes, (torrent, bytes) => {
        const changed = torrent.slice()
        for (const [where, value] of bytes) changed[Math.floor(where * changed.length)] = value
        outcomes[read(changed)]++
      }),
      { numRuns: 5_000 },
    )
    assert.ok(outcomes.read > 100 && outcomes.refused > 100, JSON.stringify(outcomes))
  })

  test('with numbers exchanged for others', () => {
    const number = fc.oneof(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.nat({ max: 70_000 }),
    )
    fc.assert(
      fc.property(torrents, fc.nat(), number, (torrent, which, value) => {
        const text = Buffer.from(torrent).toString('latin1')
        const numbers = [...text.matchAll(/i-?\d+e/g)]
        const found = numbers[which % numbers.length]
        if (found === undefined) return
        const changed = `${text.slice(0, found.index)}i${value}e${text.slice(found.index + found[0].length)}`
        read(Buffer.from(changed, 'latin1'))
      }),
      { numRuns: 3_000 },
    )
  })

  test('with two of them spliced together', () => {
    fc.assert(
      fc.property(torrents, torrents, place, place, (head, tail, end, start) => {
        const parts = [head.subarray(0, end * head.length), tail.subarray(start * tail.length)]
        read(concatBytes(parts))
      }),
      { numRuns: 2_000 },
    )
  })
})
