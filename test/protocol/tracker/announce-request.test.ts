import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type AnnounceRequest,
  announceUrl,
  parseAnnounceQuery,
} from '../../../src/protocol/tracker/announce-request.js'
import { TrackerMessageError } from '../../../src/protocol/tracker/message-error.js'
import { defined } from '../../defined.js'

const twenty = fc.uint8Array({ minLength: 20, maxLength: 20 })
const bytesCount = fc.nat(Number.MAX_SAFE_INTEGER)
const request: fc.Arbitrary<AnnounceRequest> = fc.record(
  {
    infoHash: twenty,
    peerId: twenty,
    port: fc.integer({ min: 1, max: 65_535 }),
    uploaded: bytesCount,
    downloaded: bytesCount,
    left: bytesCount,
    event: fc.constantFrom(undefined, 'started', 'completed', 'stopped', 'paused'),
    numwant: fc.option(fc.nat(500), { nil: undefined }),
    compact: fc.boolean(),
    noPeerId: fc.boolean(),
    key: fc.option(fc.nat(0xffff_ffff), { nil: undefined }),
    trackerId: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
    encryption: fc.constantFrom(undefined, 'supported', 'required'),
  },
  { noNullPrototype: true },
)

const HASH = `info_hash=${'h'.repeat(20)}`
const ID = `peer_id=${'p'.repeat(20)}`
const MINIMAL = `${HASH}&${ID}&port=6881`

describe('an announce', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(request, request => {
        const url = new URL(announceUrl('http://tracker.example/announce', request))
        assert.deepEqual(parseAnnounceQuery(url.search.slice(1)), request)
      }),
    )
  })

  it("keeps the query that the tracker's address has", () => {
    const sample = defined(fc.sample(request, 1)[0])
    assert.ok(announceUrl('http://h/a?passkey=1', sample).startsWith('http://h/a?passkey=1&info_hash='))
    assert.ok(announceUrl('http://h/a?', sample).startsWith('http://h/a?info_hash='))
    assert.ok(announceUrl('http://h/a#top', sample).startsWith('http://h/a?info_hash='))
  })

  it('asks for peers that can encrypt, or for no others', () => {
    const sample = defined(fc.sample(request, 1)[0])
    const parameters = (encryption: AnnounceRequest['encryption']) =>
      /[?&](support|require)crypto.*/.exec(announceUrl('http://h/a', { ...sample, encryption }))?.[0]
    assert.equal(parameters(undefined), undefined)
    assert.equal(parameters('supported'), '&supportcrypto=1')
    assert.equal(parameters('required'), '&supportcrypto=1&requirecrypto=1')
  })

  it('may have port 0, as clients do that take no connections', () => {
    assert.equal(parseAnnounceQuery(`${HASH}&${ID}&port=0`).port, 0)
  })

  it('needs no more than info hash, peer id and port', () => {
    const { left, uploaded, event, compact, numwant } = parseAnnounceQuery(MINIMAL)
    assert.deepEqual(
      { left, uploaded, event, compact, numwant },
      { left: Number.MAX_SAFE_INTEGER, uploaded: 0, event: undefined, compact: true, numwant: undefined },
    )
  })

  it('is a leecher where the size is not known yet', () => {
    assert.ok(parseAnnounceQuery(`${MINIMAL}&left=-1`).left > 0)
  })

  it('counts an unknown event and a key of its own kind as none', () => {
    const { event, key, numwant } = parseAnnounceQuery(`${MINIMAL}&event=dozing&key=what+ever&numwant=-1`)
    assert.deepEqual({ event, key, numwant }, { event: undefined, key: undefined, numwant: undefined })
  })

  it('counts whatever is optional and makes no sense as absent', () => {
    const plain = parseAnnounceQuery(MINIMAL)
    for (const odd of ['', 'x', '1.5', '1e3', '%zz', '9'.repeat(21), '%00']) {
      for (const key of [
        'uploaded',
        'downloaded',
        'left',
        'numwant',
        'trackerid',
        'event',
        'compact',
        'no_peer_id',
        'supportcrypto',
      ]) {
        const { trackerId, ...request } = parseAnnounceQuery(`${MINIMAL}&${key}=${odd}`)
        const { trackerId: _, ...expected } = plain
        assert.deepEqual(request, expected, `${key}=${odd}`)
        if (odd === '%zz') assert.equal(trackerId, undefined)
      }
    }
  })

  it('takes the first of a key that stands twice', () => {
    assert.equal(parseAnnounceQuery(`${MINIMAL}&port=1`).port, 6881)
  })

  it('is not confused by the names of built-in properties', () => {
    assert.equal(parseAnnounceQuery(`__proto__=1&constructor=2&${MINIMAL}`).port, 6881)
  })

  const refused: [what: string, query: string, code: string, key: string][] = [
    ['nothing', '', 'missing', 'info_hash'],
    ['no peer id', `${HASH}&port=1`, 'missing', 'peer_id'],
    ['no port', `${HASH}&${ID}`, 'missing', 'port'],
    ['a negative port', `${HASH}&${ID}&port=-1`, 'malformed', 'port'],
    ['port 65536', `${HASH}&${ID}&port=65536`, 'malformed', 'port'],
    ['a port in words', `${HASH}&${ID}&port=1e3`, 'malformed', 'port'],
    ['a short info hash', `info_hash=abc&${ID}&port=1`, 'malformed', 'info_hash'],
    ['a long info hash', `info_hash=${'h'.repeat(21)}&${ID}&port=1`, 'malformed', 'info_hash'],
    ['a hexadecimal info hash', `info_hash=${'ab'.repeat(20)}&${ID}&port=1`, 'malformed', 'info_hash'],
    ['a broken escape', `info_hash=%zz${'h'.repeat(19)}&${ID}&port=1`, 'malformed', 'info_hash'],
    ['an endless query', `${MINIMAL}&x=${'x'.repeat(9000)}`, 'too-long', ''],
  ]
  for (const [what, query, code, key] of refused) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => parseAnnounceQuery(query),
        (error: unknown) =>
          error instanceof TrackerMessageError && error.code === code && error.facts.key === key,
      )
    })
  }

  it('is understood or refused, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), noise => {
        try {
          parseAnnounceQuery(`${MINIMAL}&${noise}`)
        } catch (error) {
          assert.ok(error instanceof TrackerMessageError)
        }
      }),
    )
  })
})
