import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toHex } from '../../../src/base/bytes.js'
import { TrackerMessageError } from '../../../src/protocol/tracker/message-error.js'
import { percentEncode } from '../../../src/protocol/tracker/percent.js'
import { encodeScrapeAnswer, parseScrapeQuery } from '../../../src/protocol/tracker/scrape.js'
import { countsOf } from '../../support/scrape.js'

const hashes = fc.uniqueArray(fc.uint8Array({ minLength: 20, maxLength: 20 }), {
  maxLength: 20,
  selector: toHex,
})

describe('a scrape', () => {
  it('asks for the info hashes of its query', () => {
    fc.assert(
      fc.property(hashes, hashes => {
        const query = hashes.map(hash => `info_hash=${percentEncode(hash)}`).join('&')
        assert.deepEqual(parseScrapeQuery(query, 100), hashes)
      }),
    )
  })

  it('asks once for what stands twice', () => {
    const one = `info_hash=${'h'.repeat(20)}`
    assert.equal(parseScrapeQuery(`${one}&${one}&other=1`, 100).length, 1)
  })

  it('is refused for more than the limit, and for what is no info hash', () => {
    const many = Array.from({ length: 4 }, (_, i) => `info_hash=${String(i).repeat(20)}`).join('&')
    assert.throws(() => parseScrapeQuery(many, 3), TrackerMessageError)
    assert.throws(() => parseScrapeQuery('info_hash=x', 3), TrackerMessageError)
  })

  it('is answered with the counts of each swarm', () => {
    fc.assert(
      fc.property(hashes, hashes => {
        const swarms = hashes.map(
          (hash, i) =>
            [hash, { complete: i, incomplete: 2 * i, downloaders: i % 2, downloaded: 3 * i }] as const,
        )
        const answer = countsOf(encodeScrapeAnswer(swarms))
        assert.equal(answer.size, hashes.length)
        for (const [hash, counts] of swarms) {
          const { complete, downloaded, downloaders, incomplete } = counts
          assert.deepEqual(answer.get(toHex(hash)), { complete, downloaded, downloaders, incomplete })
        }
      }),
    )
  })
})
