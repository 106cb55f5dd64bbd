import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { TrackerErrorCode } from '../../src/discovery/tracker-error.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { assertFailure, failure } from './failed-announce.js'
import { answering, closedPort, withTcpServer, withTracker } from './fake-tracker.js'

const ANSWER = encodeBencode({ interval: 900, peers: Uint8Array.of(192, 0, 2, 7, 0x1a, 0xe1) })

describe('a hostile tracker', () => {
  const bodies: [
    what: string,
    handler: ReturnType<typeof answering>,
    code: TrackerErrorCode,
    reason: string | RegExp,
  ][] = [
    ['HTML', answering('\n<!doctype html><p>Hi'), 'malformed', "answered HTML, not a tracker's reply"],
    [
      'a 500',
      answering('oops', {}, 500),
      'http-status',
      /^answered 500 Internal Server Error: .*try again later$/,
    ],
    [
      'a 404 page',
      answering('<html>', { 'content-type': 'text/html' }, 404),
      'http-status',
      /^answered 404 Not Found: there is nothing at this address/,
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
      answering('x', { 'content-encoding': 'compress' }),
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
      'a redirect to nowhere',
      answering('', { location: 'http://[' }, 302),
      'redirect',
      'it redirects to no address',
    ],
    [
      'a redirect to a file',
      answering('', { location: 'file:///etc/passwd' }, 302),
      'redirect',
      /^it redirects to file:/,
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

  it('that is busy says for how long', async () => {
    const busy = (after: string) => answering('', { 'retry-after': after }, 503)
    await withTracker(busy('90'), async url => assert.equal((await failure(url)).facts.retryIn, 2))
    for (const after of ['0', '-1', 'Fri, 31 Dec 1999 23:59:59 GMT', '9'.repeat(400)]) {
      await withTracker(busy(after), async url => assert.equal((await failure(url)).facts.retryIn, undefined))
    }
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
      async url => assertFailure(await failure(url), 'redirect', 'it redirects more than 5 times'),
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
      async url =>
        assertFailure(
          await failure(url, { timeoutMs: 200 }),
          'timeout',
          'its answer was not whole after 0.2 s',
        ),
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
  it('does not listen', async () => {
    const error = await failure(`http://127.0.0.1:${await closedPort()}/announce`)
    assertFailure(error, 'unreachable', 'connection refused')
  })

  it('has no such host', async () => {
    const error = await failure('http://no-such-host.invalid:6969/announce')
    assert.equal(error.code, 'unreachable')
  })

  const schemes: [url: string, reason: RegExp][] = [
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
