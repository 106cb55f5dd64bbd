import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { HttpError, type HttpErrorCode } from '../../../src/discovery/http/http-error.js'
import { type HttpOptions, httpGet } from '../../../src/discovery/http/http-get.js'
import { listen } from '../../support/ports.js'
import { answering, withSecureTracker, withTcpServer, withTracker } from '../fake-tracker.js'

const FIXTURES = new URL('../../../../fixtures/tls/', import.meta.url)
const pem = (name: string) => readFileSync(new URL(name, FIXTURES), 'utf8')
const BODY = Buffer.from('d4:infod4:name1:xee')

async function textOf(url: string, options?: HttpOptions): Promise<string> {
  return Buffer.from((await httpGet(url, options)).body).toString()
}

async function assertFails(
  url: string,
  code: HttpErrorCode,
  reason: RegExp,
  options?: HttpOptions,
): Promise<void> {
  await assert.rejects(httpGet(url, options), error => {
    assert.ok(error instanceof HttpError, String(error))
    assert.equal(error.code, code)
    assert.match(error.facts.reason, reason)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
}

/** Two servers, of which the first redirects as `location` says; the requests that each got. */
async function redirecting(
  location: (first: string, second: string) => string,
  test: (url: string, heard: { path: string; authorization: string | undefined }[]) => Promise<void>,
): Promise<void> {
  const heard: { path: string; authorization: string | undefined }[] = []
  const note: RequestListener = (request, response) => {
    heard.push({ path: request.url ?? '', authorization: request.headers.authorization })
    response.end(BODY)
  }
  await withTracker(note, async second => {
    let first = ''
    await withTracker(
      (request, response) => {
        const { authorization } = request.headers
        heard.push({ path: request.url ?? '', authorization })
        if (request.url === '/announce') response.writeHead(302, { location: location(first, second) }).end()
        else response.end(BODY)
      },
      async url => {
        first = url
        await test(url.replace('http://', 'http://joe:secret@'), heard)
      },
    )
  })
}

describe('a GET', () => {
  it('goes to ports that browsers forbid', async () => {
    // Of those that need no privileges: X11, IRC and their like.
    for (const port of [6000, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080]) {
      const server = createServer(socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
      const isFree = await new Promise<boolean>(resolve => {
        server.once('error', () => resolve(false))
        server.listen(port, '127.0.0.1', () => resolve(true))
      })
      if (!isFree) continue
      try {
        assert.equal(await textOf(`http://127.0.0.1:${port}/`), 'ok')
      } finally {
        server.close()
      }
      return
    }
    assert.fail('none of the ports was free')
  })

  it('asks for exactly what the address says', async () => {
    let target: string | undefined
    await withTracker(
      (request, response) => {
        target = request.url
        response.end()
      },
      async url => {
        await httpGet(`${url}/../%12%ff/{x}|'?a=%2f+|&b#c`)
        assert.equal(target, "/announce/../%12%ff/{x}|'?a=%2f+|&b")
      },
    )
  })

  for (const [coding, compressed] of [
    ['gzip', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
    ['br', brotliCompressSync(BODY)],
    ['br, gzip', gzipSync(brotliCompressSync(BODY))],
    ['identity', BODY],
  ] as const) {
    it(`inflates ${coding}`, async () => {
      await withTracker(answering(compressed, { 'content-encoding': coding }), async url =>
        assert.equal(await textOf(url), BODY.toString()),
      )
    })
  }

  for (const [coding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`takes no more of a ${coding} bomb than allowed`, async () => {
      const bomb = compress(Buffer.alloc(4 * 2 ** 20))
      await withTracker(answering(bomb, { 'content-encoding': coding }), async url =>
        assertFails(url, 'too-large', /larger than 1 MiB/),
      )
    })
  }

  it('does not read the body of an error that is of no use', async () => {
    await withTracker(
      (_, response) => response.writeHead(404).write('a body that never ends'),
      async url => {
        const { status, body } = await httpGet(url, { readsErrorBodies: false })
        assert.equal(status, 404)
        assert.equal(body.length, 0)
      },
    )
  })

  it('tells how much has come, and of how much', async () => {
    const told: [number, number | undefined][] = []
    await withTracker(answering(BODY, { 'content-length': String(BODY.length) }), async url => {
      await httpGet(url, { onProgress: (...figures) => told.push(figures) })
    })
    assert.deepEqual(told, [[BODY.length, BODY.length]])
  })
})

describe('a redirect', () => {
  it('to another origin never takes credentials along', async () => {
    await redirecting(
      (_, second) => second,
      async (url, heard) => {
        assert.equal(await textOf(url), BODY.toString())
        assert.deepEqual(
          heard.map(({ authorization }) => authorization),
          [`Basic ${Buffer.from('joe:secret').toString('base64')}`, undefined],
        )
      },
    )
  })

  it('to another origin sends no credentials that the redirect names', async () => {
    await redirecting(
      (_, second) => second.replace('http://', 'http://admin:admin@'),
      async (url, heard) => {
        await httpGet(url)
        assert.equal(heard[1]?.authorization, undefined)
      },
    )
  })

  it('on the same origin keeps them', async () => {
    await redirecting(
      () => 'b/./../c%2f|d?e',
      async (url, heard) => {
        await httpGet(url)
        assert.equal(heard[1]?.path, '/c%2f|d?e')
        assert.equal(heard[1]?.authorization, heard[0]?.authorization)
      },
    )
  })

  it('leads from HTTPS to HTTP as well', async () => {
    await withTracker(answering(BODY), async plain => {
      const redirect = answering('', { location: plain }, 301)
      await withSecureTracker({ key: pem('key.pem'), cert: pem('certificate.pem') }, redirect, async url => {
        const options = { ca: pem('certificate.pem') }
        assert.equal(await textOf(url.replace('127.0.0.1', 'localhost'), options), BODY.toString())
      })
    })
  })
})

describe('a server that is slow', () => {
  const slow = (patience: HttpOptions['patience']) => ({ patience })

  it('is given up once it is silent for too long', async () => {
    await withTracker(
      (_, response) => response.write('d'),
      async url => {
        const patience = { wholeMs: 60_000, silenceMs: 50 }
        await assertFails(url, 'timeout', /nothing more came from it for 0.05 s/, slow(patience))
      },
    )
  })

  it('is given up although it sends a byte now and then', async () => {
    await withTracker(
      (_, response) => {
        const timer = setInterval(() => response.write('d'), 10)
        response.on('close', () => clearInterval(timer))
      },
      async url => {
        const patience = {
          wholeMs: 60_000,
          silenceMs: 60_000,
          leastRate: { bytesPerSecond: 4096, graceMs: 100 },
        }
        await assertFails(url, 'timeout', /it sends too slowly: \d+ bytes in 0\.\d+ s/, slow(patience))
      },
    )
  })

  it('is given up although its headers never end', async () => {
    await withTcpServer(
      socket => {
        const timer = setInterval(() => socket.write('HTTP/1.1 200 OK\r\n'.slice(0, 1)), 10)
        socket.on('close', () => clearInterval(timer))
      },
      async url => {
        const patience = { wholeMs: 200, silenceMs: 200 }
        await assert.rejects(httpGet(url, slow(patience)), { name: 'HttpError' })
      },
    )
  })
})

describe('a GET that is cancelled', () => {
  it('leaves a server that does not answer, with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    await withTracker(
      () => controller.abort(reason),
      async url => await assert.rejects(httpGet(url, { signal: controller.signal }), reason),
    )
  })

  it('leaves in the middle of a body', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    await withTracker(
      (_, response) => response.write('d'),
      async url => {
        const onProgress = () => controller.abort(reason)
        await assert.rejects(httpGet(url, { signal: controller.signal, onProgress }), reason)
      },
    )
  })

  it('leaves a handshake of TLS that does not end, and no socket', async () => {
    const sockets: Socket[] = []
    const controller = new AbortController()
    const reason = new Error('enough')
    const server = createServer(socket => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', () => controller.abort(reason))
    })
    const port = await listen(server)
    try {
      await assert.rejects(httpGet(`https://127.0.0.1:${port}/`, { signal: controller.signal }), reason)
      const [socket] = sockets
      assert.ok(socket)
      if (!socket.closed) await once(socket, 'close')
    } finally {
      server.close()
    }
  })
})

describe('a certificate', () => {
  const key = pem('key.pem')
  const byName = (url: string) => url.replace('127.0.0.1', 'localhost')

  it('that has expired is refused, and said so', async () => {
    await withSecureTracker({ key, cert: pem('expired.pem') }, answering(BODY), async url => {
      await assertFails(byName(url), 'tls', /^its certificate has expired/, { ca: pem('expired.pem') })
    })
  })

  it('that is self-signed is refused, and said so', async () => {
    await withSecureTracker({ key, cert: pem('certificate.pem') }, answering(BODY), async url => {
      await assertFails(byName(url), 'tls', /^its certificate is self-signed/)
    })
  })

  it('that is for another host is refused, and said so', async () => {
    await withSecureTracker({ key, cert: pem('certificate.pem') }, answering(BODY), async url => {
      await assertFails(url, 'tls', /^its certificate is for localhost, not for this host/, {
        ca: pem('certificate.pem'),
      })
    })
  })
})

describe('an answer that is no HTTP', () => {
  const answers: readonly [what: string, answer: string, code: HttpErrorCode, reason: RegExp][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'malformed', /not HTTP/],
    [
      'a broken chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'malformed',
      /not HTTP/,
    ],
    [
      'half a body',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd',
      'unreachable',
      /before the answer was whole/,
    ],
    ['nothing', '', 'unreachable', /closed the connection/],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nd',
      'malformed',
      /as long as/,
    ],
    [
      'an upgrade',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'unreachable',
      /closed/,
    ],
    ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, 'too-large', /endless headers/],
  ]
  for (const [what, answer, code, reason] of answers) {
    it(`but ${what} is told in our own words`, async () => {
      await withTcpServer(
        socket => socket.once('data', () => socket.end(answer)),
        async url => await assertFails(url, code, reason),
      )
    })
  }
})
