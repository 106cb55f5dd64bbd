import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, equalBytes, fromUtf8, toHex, toUtf8 } from '../../../src/base/bytes.js'
import { encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { parseInfo, parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
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
      const info = parseInfo(whole.infoBytes, digests)
      for (const key of Object.keys(info) as (keyof typeof info)[])
        assert.deepEqual(info[key], whole[key], key)
    }
  })

  test('is refused with the same words', () => {
    const bytes = encodeBencode(v1({ 'piece length': 0 }))
    refused(() => parseInfo(bytes, digests), 'invalid-value', 'info.piece length', 'must be positive, is 0')
    refused(() => parseInfo(toUtf8('le'), digests), 'invalid-value', 'info', 'must be a dictionary')
    refused(() => parseInfo(toUtf8('d'), digests), 'malformed', '')
  })
})

describe('what is no torrent', () => {
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

  test('bytes behind the end', () => {
    const bytes = concatBytes([makeTorrent([{ path: ['a'], bytes: contentOf(1) }]), toUtf8('\n')])
    refused(() => parseMetainfo(bytes, digests), 'malformed', '', '1 bytes after the end of the data')
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

  test('must be a number', () => {
    refused(() => parsed(v2(undefined, { 'meta version': '2' })), 'invalid-value', 'info.meta version')
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

describe('keys out of order', () => {
  const unsorted = 'd4:infod4:name1:x6:lengthi0e12:piece lengthi16384e6:pieces0:ee'

  test('are a warning in v1', () => {
    assert.deepEqual(parsedText(unsorted).warnings, ['info.length: stands out of order'])
  })

  test('are refused in v2 and hybrid, wherever they stand', () => {
    const tree = '9:file treed1:xd0:d6:lengthi0eeee12:meta versioni2e4:name1:x12:piece lengthi16384e'
    assert.equal(parsedText(`d4:infod${tree}ee`).version, 'v2')
    const words = 'stands out of order'
    refused(() => parsedText(`d4:infod${tree}e7:comment1:ce`), 'invalid-value', 'comment', words)
    refused(() => parsedText(`d4:infod${tree}1:ai1eee`), 'invalid-value', 'info.a', words)
    const hybrid = tree.replace('12:meta', '6:lengthi0e12:meta').replace('16384e', '16384e6:pieces0:')
    assert.equal(parsedText(`d4:infod${hybrid}ee`).version, 'hybrid')
    refused(() => parsedText(`d4:infod${hybrid}1:ai1eee`), 'invalid-value', 'info.a', words)
  })
})

describe('the name', () => {
  test('is made safe', () => {
    for (const [name, safe] of [
      ['../../etc', '.._.._etc'],
      ['', '_'],
      ['..', '_'],
      ['nul', '_nul'],
    ]) {
      assert.equal(parsed(v1({ name })).name, safe)
      assert.deepEqual(parsed(v1({ name })).entries.at(0)?.path, [safe])
    }
  })

  test('is taken from name.utf-8 where that stands too', () => {
    assert.equal(parsed(v1({ name: Uint8Array.of(0xff), 'name.utf-8': 'ünï' })).name, 'ünï')
  })

  test('must be there', () => {
    refused(() => parsed(v1({ name: undefined })), 'missing-key', 'info.name', 'is missing')
    refused(() => parsed(v1({ name: 1 })), 'invalid-value', 'info.name', 'must be a string')
  })
})

test('private (BEP 27) and source', () => {
  const metainfo = parsed(v1({ private: 1, source: 'SRC' }))
  assert.deepEqual([metainfo.isPrivate, metainfo.source], [true, 'SRC'])
  assert.equal(parsed(v1({ private: 0 })).isPrivate, false)
  const plain = parsed(v1())
  assert.deepEqual([plain.isPrivate, plain.source], [false, undefined])
  refused(() => parsed(v1({ private: 'yes' })), 'invalid-value', 'info.private', 'must be an integer')
})
