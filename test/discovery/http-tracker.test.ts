import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { announceOverHttp, scrapeOverHttp } from '../../src/discovery/http-tracker.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { percentEncode } from '../../src/protocol/tracker/percent.js'
import { assertFailure, failure } from './failed-announce.js'
import { answering, leecher, withSecureTracker, withTracker } from './fake-tracker.js'

const ANSWER = encodeBencode({ interval: 900, peers: Uint8Array.of(192, 0, 2, 7, 0x1a, 0xe1) })
const PEERS = [{ host: '192.0.2.7', port: 6881 }]
const FIXTURES = new URL('../../../fixtures/tls/', import.meta.url)
const credentials = {
  key: readFileSync(new URL('key.pem', FIXTURES), 'utf8'),
  cert: readFileSync(new URL('certificate.pem', FIXTURES), 'utf8'),
}

describe('an announce over HTTP', () => {
  it('brings the peers', async () => {
    await withTracker(answering(ANSWER), async url => {
      const { interval, peers } = await announceOverHttp(url, leecher())
      assert.deepEqual({ interval, peers }, { interval: 900, peers: PEERS })
    })
  })

  it('sends every byte of an info hash exactly as it was escaped', async () => {
    const infoHash = Uint8Array.of(
      0,
      0x12,
      0xff,
      0x25,
      0x26,
      0x2b,
      0x3d,
      0x20,
      0x2f,
      0x27,
      0x7e,
      0x5c,
      0x22,
      0x3c,
      0x7c,
      0x5e,
      0x60,
      0x7b,
      0xc3,
      0xa9,
    )
    let target: string | undefined
    const note = answering(ANSWER)
    await withTracker(
      (request, response) => {
        target = request.url
        note(request, response)
      },
      async url => {
        await announceOverHttp(`${url}?passkey=a%2fb|c`, leecher({ infoHash }))
      },
    )
    assert.ok(target?.startsWith(`/announce?passkey=a%2fb|c&info_hash=${percentEncode(infoHash)}&`), target)
  })

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const) {
    it(`inflates ${encoding}`, async () => {
      await withTracker(answering(compress(ANSWER), { 'content-encoding': encoding }), async url => {
        assert.deepEqual((await announceOverHttp(url, leecher())).peers, PEERS)
      })
    })
  }

  it('follows a few redirects', async () => {
    const final = answering(ANSWER)
    await withTracker(
      (request, response) => {
        const hop = Number(/hop=(\d)/.exec(request.url ?? '')?.[1] ?? '0')
        if (hop === 5) final(request, response)
        else response.writeHead(302, { location: `/announce?hop=${hop + 1}` }).end('moved')
      },
      async url => assert.deepEqual((await announceOverHttp(url, leecher())).peers, PEERS),
    )
  })

  it('sends name and password that stand in the address, and never shows them', async () => {
    let authorization: string | undefined
    await withTracker(
      (request, response) => {
        authorization = request.headers.authorization
        response.writeHead(403).end('no')
      },
      async url => {
        const error = await failure(url.replace('http://', 'http://joe:p%40ss@'))
        assert.doesNotMatch(error.message, /joe|p%40ss|p@ss/)
      },
    )
    assert.equal(authorization, `Basic ${Buffer.from('joe:p@ss').toString('base64')}`)
  })

  it('leaves no connection open', async () => {
    const sockets: Promise<unknown>[] = []
    await withTracker(
      (request, response) => {
        sockets.push(once(request.socket, 'close'))
        answering(ANSWER)(request, response)
      },
      async url => {
        await announceOverHttp(url, leecher())
        await Promise.all(sockets)
      },
    )
    assert.equal(sockets.length, 1)
  })

  it('ends at once when it is cancelled, with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    await withTracker(
      () => controller.abort(reason),
      async url => {
        await assert.rejects(announceOverHttp(url, leecher(), { signal: controller.signal }), reason)
        await assert.rejects(announceOverHttp(url, leecher(), { signal: controller.signal }), reason)
      },
    )
  })

  it('comes from the address that it is bound to', async () => {
    // Only Linux has more than one address for itself.
    const bind = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1'
    let remote: string | undefined
    await withTracker(
      (request, response) => {
        remote = request.socket.remoteAddress
        answering(ANSWER)(request, response)
      },
      async url => {
        await announceOverHttp(url, leecher(), { bind })
        assert.equal(remote, bind)
        await announceOverHttp(url, leecher(), { bind: '0.0.0.0' })
        await announceOverHttp(url, leecher(), { bind: '::' })
      },
    )
  })
})

describe('an announce over HTTPS', () => {
  const byName = (url: string) => url.replace('127.0.0.1', 'localhost')

  it('brings the peers where the certificate is trusted', async () => {
    await withSecureTracker(credentials, answering(ANSWER), async url => {
      const { peers } = await announceOverHttp(byName(url), leecher(), { ca: credentials.cert })
      assert.deepEqual(peers, PEERS)
    })
  })

  it('refuses a self-signed certificate', async () => {
    await withSecureTracker(credentials, answering(ANSWER), async url => {
      const error = await failure(byName(url))
      assertFailure(error, 'tls', /^its certificate is self-signed: trust it with/)
    })
  })

  it('refuses a certificate for another name', async () => {
    await withSecureTracker(credentials, answering(ANSWER), async url => {
      const error = await failure(url, { ca: credentials.cert })
      assertFailure(error, 'tls', 'its certificate is for localhost, not for this host')
    })
  })

  it('says so where the tracker speaks no TLS', async () => {
    await withTracker(answering(ANSWER), async url => {
      assertFailure(
        await failure(url.replace('http:', 'https:')),
        'tls',
        'no secure connection could be agreed on: is its address http:// instead\\?',
      )
    })
  })
})

describe('a scrape over HTTP', () => {
  const infoHash = new Uint8Array(20).fill(7)

  it('brings the counts', async () => {
    const counts = { complete: 3, downloaded: 9, incomplete: 4 }
    let target: string | undefined
    await withTracker(
      (request, response) => {
        target = request.url
        response.end(encodeBencode({ files: new Map([[infoHash, counts]]) }))
      },
      async url => {
        const scraped = await scrapeOverHttp(url, [infoHash])
        assert.deepEqual(scraped, [{ seeders: 3, leechers: 4, downloads: 9 }])
      },
    )
    assert.equal(target, `/scrape?info_hash=${percentEncode(infoHash)}`)
  })

  it('says so where the tracker cannot be scraped', async () => {
    await assert.rejects(scrapeOverHttp('http://127.0.0.1:1/x', [infoHash]), {
      code: 'unsupported-scheme',
      message: /this tracker cannot be scraped/,
    })
    await assert.rejects(scrapeOverHttp('ftp://127.0.0.1/announce', [infoHash]), { message: /ftp:/ })
  })
})
