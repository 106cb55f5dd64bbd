import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import type { HttpOptions } from '../../src/discovery/http-get.js'
import { announceOverHttp, scrapeOverHttp } from '../../src/discovery/http-tracker.js'
import { shownUrl, TrackerError, type TrackerErrorCode } from '../../src/discovery/tracker-error.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { percentEncode } from '../../src/protocol/tracker/percent.js'
import {
  answering,
  closedPort,
  leecher,
  withSecureTracker,
  withTcpServer,
  withTracker,
} from './fake-tracker.js'

const ANSWER = encodeBencode({ interval: 900, peers: Uint8Array.of(192, 0, 2, 7, 0x1a, 0xe1) })
const PEERS = [{ host: '192.0.2.7', port: 6881 }]
const FIXTURES = new URL('../../../fixtures/tls/', import.meta.url)
const credentials = {
  key: readFileSync(new URL('key.pem', FIXTURES), 'utf8'),
  cert: readFileSync(new URL('certificate.pem', FIXTURES), 'utf8'),
}

/** Announces and gives the error that this ends in; its message has to be one line that starts with the address. */
async function failure(url: string, options: HttpOptions = {}): Promise<TrackerError> {
  const error: unknown = await announceOverHttp(url, leecher(), options).then(
    () => assert.fail('the announce succeeded'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof TrackerError, String(error))
  assert.equal(error.facts.url, url)
  assert.ok(error.message.startsWith(`${shownUrl(url)}: `), error.message)
  assert.doesNotMatch(error.message, /\n/)
  return error
}

function assertFailure(error: TrackerError, code: TrackerErrorCode, reason: string | RegExp): void {
  assert.equal(error.code, code)
  assert.match(error.facts.reason, typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason)
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
    let remote: string | undefined
    await withTracker(
      (request, response) => {
        remote = request.socket.remoteAddress
        answering(ANSWER)(request, response)
      },
      async url => {
        await announceOverHttp(url, leecher(), { bind: '127.0.0.1' })
        assert.equal(remote, '127.0.0.1')
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
      assertFailure(error, 'tls', 'its certificate is not valid: self-signed certificate')
    })
  })

  it('refuses a certificate for another name', async () => {
    await withSecureTracker(credentials, answering(ANSWER), async url => {
      const error = await failure(url, { ca: credentials.cert })
      assertFailure(error, 'tls', /^its certificate is not valid: .*altnames/)
    })
  })

  it('says so where the tracker speaks no TLS', async () => {
    await withTracker(answering(ANSWER), async url => {
      assertFailure(
        await failure(url.replace('http:', 'https:')),
        'tls',
        'no secure connection could be agreed on',
      )
    })
  })
})

describe('a hostile tracker', () => {
  const bodies: [
    what: string,
    handler: ReturnType<typeof answering>,
    code: TrackerErrorCode,
    reason: string | RegExp,
  ][] = [
    ['HTML', answering('\n<!doctype html><p>Hi'), 'malformed', "answered HTML, not a tracker's reply"],
    ['a 500', answering('oops', {}, 500), 'http-status', 'answered 500 Internal Server Error'],
    [
      'a 404 page',
      answering('<html>', { 'content-type': 'text/html' }, 404),
      'http-status',
      'answered 404 Not Found',
    ],
    ['a status nobody knows', answering('', {}, 799), 'http-status', 'answered 799'],
    [
      'garbage',
      answering(Uint8Array.of(0, 255, 1)),
      'malformed',
      "answered something that is not a tracker's reply",
    ],
    ['an empty body', answering(''), 'malformed', 'answered nothing'],
    [
      'gzip that is none',
      answering('nope', { 'content-encoding': 'gzip' }),
      'malformed',
      'its compressed answer is broken',
    ],
    [
      'truncated gzip',
      answering(gzipSync(ANSWER).subarray(0, 20), { 'content-encoding': 'gzip' }),
      'malformed',
      'its compressed answer ends too early',
    ],
    [
      'a coding that nobody asked for',
      answering('x', { 'content-encoding': 'br' }),
      'malformed',
      /not asked for/,
    ],
    [
      'a gzip bomb',
      answering(gzipSync(new Uint8Array(64 * 2 ** 20)), { 'content-encoding': 'gzip' }),
      'too-large',
      'its answer is larger than 1 MiB',
    ],
    [
      'packed peers of a wrong length',
      answering(encodeBencode({ peers: 'seven b' })),
      'malformed',
      /peers has 7 bytes/,
    ],
    [
      'a redirect to nowhere',
      answering('', { location: 'http://[' }, 302),
      'malformed',
      'it redirects to no address',
    ],
    [
      'a redirect to a file',
      answering('', { location: 'file:///etc/passwd' }, 302),
      'unsupported-scheme',
      /file:/,
    ],
    ['a redirect without an address', answering('', {}, 302), 'http-status', 'answered 302 Found'],
    ['a refusal', answering(encodeBencode({ 'failure reason': 'go away' })), 'failure', 'refused: go away'],
    [
      'a refusal with an error status',
      answering(encodeBencode({ 'failure reason': 'banned' }), {}, 403),
      'failure',
      'refused: banned',
    ],
    [
      'a refusal without words',
      answering(encodeBencode({ 'failure reason': '' })),
      'failure',
      'refused: no reason given',
    ],
  ]
  for (const [what, handler, code, reason] of bodies) {
    it(`that answers ${what} is told apart`, async () => {
      await withTracker(handler, async url => assertFailure(await failure(url), code, reason))
    })
  }

  it('that names a time to ask again is quoted', async () => {
    const body = encodeBencode({ 'failure reason': 'later', 'retry in': 7 })
    await withTracker(answering(body), async url => assert.equal((await failure(url)).facts.retryIn, 7))
  })

  it('that never stops answering is cut off', async () => {
    await withTracker(
      (_, response) => {
        const chunk = new Uint8Array(65_536)
        const pour = () => {
          while (response.write(chunk));
        }
        response.on('drain', pour)
        response.on('close', () => response.off('drain', pour))
        pour()
      },
      async url => assertFailure(await failure(url), 'too-large', 'its answer is larger than 1 MiB'),
    )
  })

  it('that redirects in a circle is left', async () => {
    let requests = 0
    await withTracker(
      (_, response) => {
        requests++
        response.writeHead(302, { location: '/announce' }).end()
      },
      async url => assertFailure(await failure(url), 'redirect-loop', 'it redirects more than 5 times'),
    )
    assert.equal(requests, 6)
  })

  it('that hangs times out', async () => {
    await withTracker(
      () => {},
      async url => assertFailure(await failure(url, { timeoutMs: 200 }), 'timeout', 'no answer within 0.2 s'),
    )
  })

  it('that hangs in the middle of its answer times out', async () => {
    await withTracker(
      (_, response) => response.write('d8:interval'),
      async url => assertFailure(await failure(url, { timeoutMs: 200 }), 'timeout', 'no answer within 0.2 s'),
    )
  })

  it('that closes in the middle of its answer is noticed', async () => {
    await withTcpServer(
      socket =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nd8:interval')),
      async url =>
        assertFailure(
          await failure(url),
          'unreachable',
          'it closed the connection before the answer was whole',
        ),
    )
  })

  it('that closes without an answer is noticed', async () => {
    await withTcpServer(
      socket => socket.once('data', () => socket.end()),
      async url => assert.equal((await failure(url)).code, 'unreachable'),
    )
  })

  it('that speaks no HTTP is told apart', async () => {
    await withTcpServer(
      socket => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
      async url => assertFailure(await failure(url), 'malformed', 'it answers something that is not HTTP'),
    )
  })

  it('that sends endless headers is cut off', async () => {
    await withTcpServer(
      socket => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`)),
      async url => assert.equal((await failure(url)).code, 'too-large'),
    )
  })
})

describe('an address that cannot be asked', () => {
  it('has nobody listening', async () => {
    const error = await failure(`http://127.0.0.1:${await closedPort()}/announce`)
    assertFailure(error, 'unreachable', 'connection refused')
  })

  it('has no such host', async () => {
    const error = await failure('http://no-such-host.invalid:6969/announce')
    assert.equal(error.code, 'unreachable')
  })

  const schemes: [url: string, reason: RegExp][] = [
    ['udp://tracker.example:6969', /UDP trackers are not supported/],
    ['wss://tracker.example', /for browsers only/],
    ['ftp://tracker.example/announce', /ftp:/],
    ['tracker.example', /not an address of a tracker/],
    ['', /not an address of a tracker/],
  ]
  for (const [url, reason] of schemes) {
    it(`is ${url === '' ? 'an empty one' : url}`, async () => {
      assertFailure(await failure(url), 'unsupported-scheme', reason)
    })
  }
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
      async url => assert.deepEqual(await scrapeOverHttp(url, [infoHash]), [counts]),
    )
    assert.equal(target, `/scrape?info_hash=${percentEncode(infoHash)}`)
  })

  it('says so where the tracker cannot be scraped', async () => {
    await assert.rejects(scrapeOverHttp('http://127.0.0.1:1/x', [infoHash]), { code: 'unsupported-scheme' })
  })
})
