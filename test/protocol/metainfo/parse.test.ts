import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, equalBytes, fromUtf8, toHex, toUtf8 } from '../../../src/base/bytes.js'
import { inOneGo } from '../../../src/base/steps.js'
import { type BencodeInput, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { parseInfoInSteps, parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { parsed, parsedText, refused, v1, v2 } from './crafting.js'
import { contentOf, digests, makeTorrent } from './making.js'

describe('info hashes', () => {
  const info = '4:infod6:lengthi0e4:name1:x12:piece lengthi16384e6:pieces0:7:unknownd1:bi1e1:ai2eee'

  test('are those of the raw bytes, whatever is in them', () => {
    // The dictionary under `unknown` is out of order: encoded anew it would be another.
    const metainfo = parsedText(`d${info}e`)
    assert.equal(fromUtf8(metainfo.infoBytes), info.slice('4:info'.length))
    assert.equal(
      toHex(metainfo.infoHashV1 ?? new Uint8Array(0)),
      toHex(digests.sha1(toUtf8(info.slice('4:info'.length)))),
    )
  })

  test('each version has its own, a hybrid both', () => {
    const files = [{ path: ['a'], bytes: contentOf(5) }]
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      const bytes = makeTorrent(files, { version })
      const { infoHashV1, infoHashV2, infoBytes } = parseMetainfo(bytes, digests)
      assert.deepEqual(infoHashV1, version === 'v2' ? undefined : digests.sha1(infoBytes))
      assert.deepEqual(infoHashV2, version === 'v1' ? undefined : digests.sha256(infoBytes))
      assert.ok(
        equalBytes(infoBytes, scanBencode(bytes, METAINFO_LIMITS).get('info')?.raw ?? new Uint8Array(0)),
      )
    }
  })
})

describe('metadata from peers', () => {
  test('is read as the same info dictionary in a .torrent is', () => {
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      const bytes = makeTorrent([{ path: ['a'], bytes: contentOf(50_000) }], { version, isPrivate: true })
      const whole = parseMetainfo(bytes, digests)
      const info = inOneGo(parseInfoInSteps(whole.infoBytes, digests))
      const { trackers, webSeeds, comment, createdBy, creationDate, pieceLayers } = whole
      const beside = { trackers, webSeeds, comment, createdBy, creationDate, pieceLayers }
      assert.deepEqual({ ...info, ...beside }, whole)
      assert.deepEqual([info.trackers, info.webSeeds, info.pieceLayers.size], [[], [], 0])
    }
  })

  test('is refused with the same words', () => {
    const bytes = encodeBencode(v1({ 'piece length': 0 }))
    refused(
      () => inOneGo(parseInfoInSteps(bytes, digests)),
      'invalid-value',
      'info.piece length',
      'must be positive, is 0',
    )
    refused(
      () => inOneGo(parseInfoInSteps(toUtf8('le'), digests)),
      'invalid-value',
      'info',
      'must be a dictionary',
    )
    refused(() => inOneGo(parseInfoInSteps(toUtf8('d'), digests)), 'malformed', '')
  })
})

describe('data that is not a torrent', () => {
  test('truncated anywhere', () => {
    const whole = makeTorrent([{ path: ['a', 'b'], bytes: contentOf(40_000) }], { symlinks: [] })
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => parseMetainfo(whole.subarray(0, length), digests), { code: 'malformed' })
    }
  })

  test('something else altogether', () => {
    for (const text of ['<!DOCTYPE html>', '{"info":{}}', 'i1', '\u0000']) {
      refused(() => parsedText(text), 'malformed', '')
    }
    refused(() => parsedText('le'), 'invalid-value', '', 'must be a dictionary')
    refused(() => parsedText('de'), 'missing-key', 'info', 'is missing')
    refused(() => parsedText('d4:infolee'), 'invalid-value', 'info', 'must be a dictionary')
  })

  test('over a limit of size, depth or number', () => {
    refused(() => parseMetainfo(new Uint8Array(100 * 2 ** 20 + 1), digests), 'too-large', '')
    refused(() => parsedText(`d4:info${'l'.repeat(64)}`), 'too-large', 'info', 'nested deeper than 64')
    refused(
      () => parsedText(`d4:infol${'le'.repeat(3_000_000)}ee`),
      'too-large',
      'info',
      'more than 3000000 values',
    )
  })
})

describe('the version', () => {
  test('that does not exist yet is said before anything else', () => {
    const info = { 'meta version': 3, 'file tree': 17, 'piece length': 'x' }
    refused(
      () => parsed(info),
      'unsupported-version',
      'info.meta version',
      '3 is newer than what is known here (2)',
    )
  })

  test('of a torrent without a file tree may be anything older', () => {
    assert.equal(parsed(v1({ 'meta version': 1 })).version, 'v1')
  })

  test('must be 2 beside a file tree', () => {
    const info = v2(undefined, { 'meta version': undefined })
    refused(() => parsed(info), 'missing-key', 'info.meta version', 'must be 2 beside a file tree')
  })

  test('that is no integer counts as absent, as in libtorrent', () => {
    const metainfo = parsed(v1({ 'meta version': '2' }))
    assert.equal(metainfo.version, 'v1')
    assert.deepEqual(metainfo.oddities, ['info.meta version: ignored, must be an integer'])
    refused(() => parsed(v2(undefined, { 'meta version': '2' })), 'missing-key', 'info.meta version')
  })

  test('that is no number in JavaScript is newer, or older than anything', () => {
    const info = (version: string) =>
      `d4:infod6:lengthi0e12:meta versioni${version}e4:name1:x12:piece lengthi16384e6:pieces0:ee`
    refused(() => parsedText(info('9'.repeat(30))), 'unsupported-version', 'info.meta version')
    assert.equal(parsedText(info(`-${'9'.repeat(30)}`)).version, 'v1')
  })

  test('a file tree without a version is passed over where it is no dictionary', () => {
    const metainfo = parsed(v1({ 'file tree': 'x' }))
    assert.equal(metainfo.version, 'v1')
    assert.deepEqual(metainfo.oddities, ['info.file tree: ignored, must be a dictionary'])
  })

  test('is v2 alone where the v1 half is incomplete', () => {
    for (const half of [
      { pieces: '' },
      { length: 10 },
      { files: [] },
      { length: 10, pieces: 5 },
      { length: '10', pieces: new Uint8Array(20) },
    ]) {
      const metainfo = parsed(v2(undefined, half))
      assert.equal(metainfo.version, 'v2', JSON.stringify(half))
      assert.deepEqual(
        [metainfo.infoHashV1, metainfo.pieces, metainfo.warnings],
        [undefined, undefined, ['info: the keys of v1 are ignored, as some are missing or of a wrong type']],
      )
    }
  })
})

describe('the piece length', () => {
  const wrong = (pieceLength: number, info: typeof v1 | typeof v2) => () =>
    parsed({ ...info(), 'piece length': pieceLength })

  test('of v1 is any up to 512 MiB', () => {
    for (const pieceLength of [10, 12_345, 16_384, 1_000_000, 2 ** 29]) {
      assert.equal(parsed(v1({ 'piece length': pieceLength })).pieceLength, pieceLength)
    }
    refused(wrong(0, v1), 'invalid-value', 'info.piece length', 'must be positive, is 0')
    refused(wrong(-1, v1), 'invalid-value', 'info.piece length', 'must be positive, is -1')
    refused(wrong(2 ** 29 + 1, v1), 'too-large', 'info.piece length')
  })

  test('of v2 is a power of two of at least 16 KiB', () => {
    assert.equal(parsed(v2()).pieceLength, 16_384)
    refused(wrong(16_385, v2), 'invalid-value', 'info.piece length', 'must be a power of two, is 16385')
    refused(wrong(8_192, v2), 'invalid-value', 'info.piece length', 'must be at least 16384, is 8192')
    refused(wrong(2 ** 30, v2), 'too-large', 'info.piece length')
  })

  test('must be there, and a number', () => {
    refused(() => parsed(v1({ 'piece length': undefined })), 'missing-key', 'info.piece length', 'is missing')
    refused(
      () => parsed(v1({ 'piece length': '16384' })),
      'invalid-value',
      'info.piece length',
      'must be an integer',
    )
    const huge = 'd4:infod6:lengthi1e4:name1:x12:piece lengthi99999999999999999999e6:pieces0:ee'
    refused(() => parsedText(huge), 'invalid-value', 'info.piece length', 'is out of range')
  })
})

describe('the pieces', () => {
  test('are as many as the content needs', () => {
    const info = v1({ length: 16_385 })
    refused(() => parsed(info), 'inconsistent', 'info.pieces', 'must be 40 bytes for 2 pieces, is 20')
    refused(() => parsed(v1({ pieces: new Uint8Array(21) })), 'inconsistent', 'info.pieces')
    refused(() => parsed(v1({ pieces: undefined })), 'missing-key', 'info.pieces', 'is missing')
    refused(() => parsed(v1({ pieces: [] })), 'invalid-value', 'info.pieces', 'must be a string')
  })

  test('are none for empty content', () => {
    const metainfo = parsed(v1({ length: 0, pieces: '' }))
    assert.deepEqual([metainfo.pieceCount, metainfo.size], [0, 0])
  })

  test('are at most 2^21', () => {
    const most = { 'piece length': 1, length: 2 ** 21, pieces: new Uint8Array(20 * 2 ** 21) }
    assert.equal(parsed(v1(most)).pieceCount, 2 ** 21)
    const words = /is so short that there are more than 2097152 pieces$/
    refused(() => parsed(v1({ ...most, length: 2 ** 21 + 1 })), 'too-large', 'info.piece length', words)
    const huge = { a: leafOfLength(2 ** 36) }
    refused(() => parsed(v2(huge)), 'too-large', 'info.piece length', words)
    const many = { a: leafOfLength(2 ** 34), b: leafOfLength(2 ** 34), c: leafOfLength(2 ** 34) }
    refused(() => parsed(v2(many)), 'too-large', 'info.piece length', words)
    const folder = { length: undefined, files: [{ length: Number.MAX_SAFE_INTEGER, path: ['a'] }] }
    refused(() => parsed(v1(folder)), 'too-large', 'info.piece length', words)
  })

  function leafOfLength(length: number) {
    return { '': { length, 'pieces root': new Uint8Array(32) } }
  }
})

describe('bytes behind the end', () => {
  const files = [{ path: ['a'], bytes: contentOf(40_000) }]

  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    test(`are ignored in ${version} and noted`, () => {
      const bytes = makeTorrent(files, { version })
      const plain = parseMetainfo(bytes, digests)
      assert.deepEqual(plain.oddities, [])
      for (const tail of ['\n', '\r\n', '\0'.repeat(10), '<!-- page -->', 'd4:infodee', 'e']) {
        const { oddities, entries, ...metainfo } = parseMetainfo(concatBytes([bytes, toUtf8(tail)]), digests)
        const { oddities: _, entries: plainEntries, ...expected } = plain
        assert.deepEqual(metainfo, expected)
        assert.deepEqual([...entries], [...plainEntries])
        assert.deepEqual(oddities, [
          `${tail.length === 1 ? '1 byte' : `${tail.length} bytes`} behind the end ignored`,
        ])
      }
    })
  }
})

describe('keys out of order', () => {
  const unsorted = 'd4:infod4:name1:x6:lengthi0e12:piece lengthi16384e6:pieces0:ee'

  test('are noted in v1', () => {
    assert.deepEqual(parsedText(unsorted).oddities, ['info.length: stands out of order'])
  })

  test('are noted in v2 and hybrid as well, and the info hash is that of the bytes as they came', () => {
    const tree = '9:file treed1:xd0:d6:lengthi0eeee12:meta versioni2e4:name1:x12:piece lengthi16384e'
    const hybrid = tree.replace('12:meta', '6:lengthi0e12:meta').replace('16384e', '16384e6:pieces0:')
    const cases: [info: string, after: string, where: string][] = [
      [tree, '7:comment1:c', 'comment'],
      [`${tree}1:ai1e`, '', 'info.a'],
      [tree.replace('6:lengthi0e', '6:lengthi0e4:attr1:x'), '', 'info.file tree.x..attr'],
      [`${hybrid}1:ai1e`, '', 'info.a'],
    ]
    for (const [info, after, where] of cases) {
      const metainfo = parsedText(`d4:infod${info}e${after}e`)
      assert.deepEqual(metainfo.oddities, [`${where}: stands out of order`])
      assert.deepEqual(metainfo.infoHashV2, digests.sha256(toUtf8(`d${info}e`)))
    }
  })

  test('in piece layers, as torrentfile of PyPI writes them', () => {
    const bytes = makeTorrent([
      { path: ['a'], bytes: contentOf(100_000, 1) },
      { path: ['b'], bytes: contentOf(100_000, 2) },
    ])
    const root = scanBencode(bytes, METAINFO_LIMITS)
    const info = root.get('info')?.raw ?? new Uint8Array(0)
    const layers = (root.get('piece layers')?.entries ?? []).toReversed()
    const parts = layers.flatMap(([key, { string = key }]) => [
      toUtf8('32:'),
      key,
      toUtf8(`${string.length}:`),
      string,
    ])
    const unsorted = concatBytes([
      toUtf8('d4:info'),
      info,
      toUtf8('12:piece layersd'),
      ...parts,
      toUtf8('ee'),
    ])
    const metainfo = parseMetainfo(unsorted, digests)
    assert.equal(metainfo.pieceLayers.size, 2)
    assert.deepEqual(metainfo.warnings, [])
    assert.equal(metainfo.oddities.length, 1)
  })
})

describe('a key that is there twice', () => {
  const info = 'd6:lengthi0e6:lengthi5e4:name1:x4:name1:y12:piece lengthi16384e6:pieces0:e'

  test('counts the first time, as in libtorrent', () => {
    const metainfo = parsedText(`d7:comment1:a7:comment1:b4:info${info}e`)
    assert.deepEqual([metainfo.comment, metainfo.name, metainfo.size], ['a', 'x', 0])
    assert.deepEqual(metainfo.warnings, [
      'comment: stands there more than once, the first counts, the first of 3 such places',
    ])
    assert.deepEqual(metainfo.infoHashV1, digests.sha1(toUtf8(info)))
  })
})

test('leading zeros and a negative zero are read, as in libtorrent', () => {
  const metainfo = parsedText(
    'd4:infod6:lengthi-0e4:name01:x12:piece lengthi0016384e6:pieces0:8:unneededi99999999999999999999999999eee',
  )
  assert.deepEqual([metainfo.size, metainfo.name, metainfo.pieceLength], [0, 'x', 16_384])
  assert.deepEqual(metainfo.oddities, [
    'info.length: a number has a leading zero, the first of 3 such places',
  ])
})

describe('the name', () => {
  test('is one component of a path, and otherwise stays as it is', () => {
    for (const [name, safe] of [
      ['../../etc', '.._.._etc'],
      ['', '_'],
      ['..', '_'],
      ['nul', 'nul'],
      ['Who? What: "x".mkv', 'Who? What: "x".mkv'],
      ['\u202ea\nb\\c. ', '\u202ea\nb\\c. '],
    ]) {
      assert.equal(parsed(v1({ name })).name, safe)
      assert.deepEqual(parsed(v1({ name })).entries.at(0)?.path, [safe])
    }
  })

  test('is taken from name.utf-8 where that stands too', () => {
    assert.equal(parsed(v1({ name: Uint8Array.of(0xff), 'name.utf-8': 'ünï' })).name, 'ünï')
  })

  test('is taken from the one of name and name.utf-8 that is a string', () => {
    for (const odd of [1, [], {}]) {
      const metainfo = parsed(v1({ 'name.utf-8': odd }))
      assert.equal(metainfo.name, 'file')
      assert.deepEqual(metainfo.oddities, ['info.name.utf-8: ignored, must be a string'])
      assert.equal(parsed(v1({ name: odd, 'name.utf-8': 'other' })).name, 'other')
    }
    assert.equal(parsed(v1({ 'name.utf-8': '' })).name, 'file')
  })

  test('must be there', () => {
    refused(() => parsed(v1({ name: undefined })), 'missing-key', 'info.name', 'is missing')
    refused(() => parsed(v1({ name: 1 })), 'invalid-value', 'info.name', 'must be a string')
  })
})

describe('private (BEP 27)', () => {
  const read = (value: BencodeInput) => parsed(v1({ private: value }))

  test('is any integer but 0', () => {
    assert.equal(parsed(v1()).isPrivate, false)
    for (const value of [1, 2, -1]) assert.equal(read(value).isPrivate, true)
    assert.deepEqual([read(0).isPrivate, read(0).warnings], [false, []])
    const huge =
      'd4:infod6:lengthi0e4:name1:x12:piece lengthi16384e6:pieces0:7:privatei99999999999999999999eee'
    assert.equal(parsedText(huge).isPrivate, true)
  })

  test('of another type is yes, the side that does no harm, unless it plainly says no', () => {
    for (const value of ['1', 'true', 'yes', 'x'.repeat(1_000), [], [1], {}]) {
      assert.equal(read(value).isPrivate, true, JSON.stringify(value))
      assert.deepEqual(read(value).warnings, ['info.private: must be an integer, is taken for yes'])
    }
    for (const value of ['0', 'no', 'False', '']) {
      assert.equal(read(value).isPrivate, false, value)
      assert.deepEqual(read(value).warnings, ['info.private: must be an integer, is taken for no'])
    }
  })

  test('counts only in info', () => {
    const metainfo = parsed(v1(), { private: 1 })
    assert.equal(metainfo.isPrivate, false)
    assert.deepEqual(metainfo.warnings, ['private: ignored, counts only in info (BEP 27)'])
  })
})

test('source, and none where it is no string', () => {
  assert.equal(parsed(v1({ source: 'SRC' })).source, 'SRC')
  assert.equal(parsed(v1()).source, undefined)
  const metainfo = parsed(v1({ source: 5 }))
  assert.deepEqual(
    [metainfo.source, metainfo.oddities],
    [undefined, ['info.source: ignored, must be a string']],
  )
})
