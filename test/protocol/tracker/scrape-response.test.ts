import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { concatBytes, toHex, toUtf8 } from '../../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { encodeFailure } from '../../../src/protocol/tracker/announce-answer.js'
import { TrackerMessageError } from '../../../src/protocol/tracker/message-error.js'
import { encodeScrapeAnswer, parseScrapeQuery } from '../../../src/protocol/tracker/scrape.js'
import { decodeScrapeResponse, scrapeUrl } from '../../../src/protocol/tracker/scrape-response.js'
import { defined } from '../../defined.js'

const hashes = fc.uniqueArray(fc.uint8Array({ minLength: 20, maxLength: 20 }), {
  maxLength: 20,
  selector: toHex,
})

describe('a scrape of a tracker', () => {
  it('asks for the info hashes', () => {
    fc.assert(
      fc.property(hashes, hashes => {
        const url = new URL(defined(scrapeUrl('http://h/announce', hashes)))
        assert.deepEqual(parseScrapeQuery(url.search.slice(1), 100), hashes)
      }),
    )
  })

  it('brings the counts of each in the order asked for', () => {
    fc.assert(
      fc.property(hashes, hashes => {
        const swarms = hashes.map(
          (hash, i) =>
            [hash, { complete: i, incomplete: 2 * i, downloaders: i % 2, downloaded: 3 * i }] as const,
        )
        const known = swarms.filter((_, i) => i % 3 !== 0)
        const response = decodeScrapeResponse(encodeScrapeAnswer(known.toReversed()), hashes)
        const expected = swarms.map((_, i) =>
          i % 3 === 0 ? undefined : { seeders: i, leechers: 2 * i, downloads: 3 * i },
        )
        assert.deepEqual(response, { type: 'success', swarms: expected })
      }),
    )
  })

  const addresses: [announce: string, scrape: string | undefined][] = [
    ['http://h/announce', 'http://h/scrape?'],
    ['http://h/x/announce', 'http://h/x/scrape?'],
    ['http://h/x/announce.php', 'http://h/x/scrape.php?'],
    ['http://h/announce?key=1', 'http://h/scrape?key=1&'],
    ['http://h/announce?at=/announce', 'http://h/scrape?at=/announce&'],
    ['http://h/announce/x', undefined],
    ['http://h/a', undefined],
    ['http://h/x?announce', undefined],
    ['http://announce', undefined],
  ]
  for (const [announce, scrape] of addresses) {
    it(`of ${announce} ${scrape === undefined ? 'is not possible' : `goes to ${scrape}`}`, () => {
      const url = scrapeUrl(announce, [toUtf8('h'.repeat(20))])
      assert.equal(url, scrape === undefined ? undefined : `${scrape}info_hash=${'h'.repeat(20)}`)
    })
  }

  it('may be refused by the tracker', () => {
    const response = decodeScrapeResponse(encodeFailure('no scrape here'), [])
    assert.equal(response.type, 'failure')
  })

  it('passes over what is odd in an answer: bytes behind it, counts that are none, swarms that are none', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(letter => toUtf8(letter.repeat(20)))
    assert.ok(a && b && c)
    const files = new Map<Uint8Array, BencodeInput>([
      [a, { complete: 'x', incomplete: -1, downloaded: 3 }],
      [b, 'x'],
      [Uint8Array.of(1), 5],
    ])
    const bytes = concatBytes([encodeBencode({ files, flags: 7 }), toUtf8('\r\n')])
    assert.deepEqual(decodeScrapeResponse(bytes, [a, b, c]), {
      type: 'success',
      swarms: [{ seeders: undefined, leechers: undefined, downloads: 3 }, undefined, undefined],
    })
  })

  it('without files is no answer', () => {
    assert.throws(() => decodeScrapeResponse(toUtf8('de'), []), TrackerMessageError)
  })
})
