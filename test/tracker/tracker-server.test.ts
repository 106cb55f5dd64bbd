import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { request } from 'undici'
import { toHex } from '../../src/base/bytes.js'
import { ListenError } from '../../src/base/listen.js'
import { announceOverHttp } from '../../src/discovery/http-tracker.js'
import { TrackerServer, type TrackerServerOptions } from '../../src/tracker/tracker-server.js'
import { leecher } from '../discovery/fake-tracker.js'
import { scrape } from '../support/scrape.js'

const LOOPBACK = '127.0.0.1'

async function withServer(
  test: (server: TrackerServer) => Promise<void>,
  options: Partial<TrackerServerOptions> = {},
): Promise<void> {
  const server = await TrackerServer.listen({ port: 0, bind: LOOPBACK, ...options })
  try {
    await test(server)
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

function address(server: TrackerServer, path: string): string {
  return `http://${LOOPBACK}:${server.port}${path}`
}

/** Sends `text` as it is and gives all that comes back until the server closes. */
async function raw(server: TrackerServer, text: string): Promise<string> {
  const socket = connect(server.port, LOOPBACK)
  socket.end(text)
  let received = ''
  for await (const chunk of socket) received += String(chunk)
  return received
}

describe('the tracker', () => {
  it('brings peers together', async () => {
    await withServer(async server => {
      const seeder = leecher({ port: 1001, left: 0, peerId: new Uint8Array(20).fill(1) })
      await announceOverHttp(server.url, seeder)
      const { peers, complete, incomplete, externalHost } = await announceOverHttp(server.url, leecher())
      assert.deepEqual(peers, [{ host: LOOPBACK, port: 1001 }])
      assert.deepEqual([complete, incomplete, externalHost], [1, 1, LOOPBACK])
      const swarms = await scrape(server.url, [seeder.infoHash, new Uint8Array(20)])
      const counts = { complete: 1, downloaded: 0, downloaders: 1, incomplete: 1 }
      assert.deepEqual(swarms, new Map([[toHex(seeder.infoHash), counts]]))
      await announceOverHttp(server.url, { ...seeder, event: 'stopped' })
      assert.equal(server.stats.seeders, 0)
    })
  })

  it('tells observers of every accepted announce', async () => {
    const hosts: string[] = []
    await withServer(
      async server => {
        await announceOverHttp(server.url, leecher())
        await assert.rejects(announceOverHttp(server.url, leecher({ port: 70_000 })), { code: 'failure' })
      },
      { onAnnounce: ({ host }) => hosts.push(host) },
    )
    assert.deepEqual(hosts, [LOOPBACK])
  })

  it('shows a person what it tracks, by name where it is told one', async () => {
    await withServer(async server => {
      server.nameTorrent([leecher().infoHash], 'Tears of <Steel>')
      await announceOverHttp(server.url, leecher())
      const { statusCode, headers, body } = await request(address(server, '/'))
      const page = await body.text()
      assert.equal(statusCode, 200)
      assert.equal(headers['content-type'], 'text/html; charset=utf-8')
      assert.match(String(headers['content-security-policy']), /default-src 'none'/)
      assert.match(page, /Tears of &#60;Steel&#62;/)
      assert.match(page, /Seeders">0<\/td><td class="n" data-label="Leechers">1<\/td>/)
    })
  })

  it('gives the same as JSON, in fields that programs rely on', async () => {
    await withServer(async server => {
      await announceOverHttp(server.url, leecher())
      const { headers, body } = await request(address(server, '/stats.json'))
      assert.equal(headers['content-type'], 'application/json')
      const { uptimeSeconds, ...others } = (await body.json()) as { uptimeSeconds: number }
      assert.ok(uptimeSeconds >= 0)
      assert.deepEqual(others, {
        url: server.url,
        announces: 1,
        scrapes: 0,
        swarms: 1,
        seeders: 0,
        leechers: 1,
        largest: [{ infoHash: toHex(leecher().infoHash), seeders: 0, leechers: 1, downloaded: 0 }],
      })
    })
  })

  it('counts a hybrid that it was told of as one torrent, and each of its peers once', async () => {
    await withServer(async server => {
      const [v1, v2] = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]
      server.nameTorrent([v1, v2], 'hybrid')
      const both = [
        leecher({ port: 1001, left: 0 }),
        leecher({ port: 1002 }),
        leecher({ port: 1003, event: 'completed', left: 0 }),
      ]
      for (const peer of both) {
        await announceOverHttp(server.url, { ...peer, infoHash: v1 })
        await announceOverHttp(server.url, { ...peer, infoHash: v2 })
      }
      // Became a seeder between its two announces.
      await announceOverHttp(server.url, leecher({ port: 1004, infoHash: v1 }))
      await announceOverHttp(server.url, leecher({ port: 1004, infoHash: v2, left: 0 }))
      await announceOverHttp(server.url, leecher({ port: 1005, infoHash: v1 }))
      await announceOverHttp(server.url, leecher({ port: 1006, infoHash: v2 }))
      const { body } = await request(address(server, '/stats.json'))
      const { swarms, seeders, leechers, largest } = (await body.json()) as Record<string, unknown>
      assert.deepEqual({ swarms, seeders, leechers }, { swarms: 1, seeders: 3, leechers: 3 })
      const counts = { seeders: 3, leechers: 3, downloaded: 1 }
      assert.deepEqual(largest, [{ infoHash: toHex(v1), infoHashV2: toHex(v2), name: 'hybrid', ...counts }])
    })
  })

  it('shows two swarms that only may belong together as two', async () => {
    await withServer(async server => {
      for (const fill of [1, 2]) {
        await announceOverHttp(server.url, leecher({ infoHash: new Uint8Array(20).fill(fill) }))
      }
      assert.equal(server.stats.swarms, 2)
    })
  })

  it('understands GET only', async () => {
    await withServer(async server => {
      for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
        const { statusCode, headers, body } = await request(address(server, '/announce'), { method })
        await body.dump()
        assert.equal(statusCode, 405, method)
        assert.equal(headers.allow, 'GET')
      }
    })
  })

  it('has nothing elsewhere', async () => {
    await withServer(async server => {
      for (const path of ['/favicon.ico', '/announce/x', '/../announce', '//', '/scrape.php']) {
        assert.match(
          await raw(server, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
          /^HTTP\/1.1 404 /,
        )
      }
    })
  })

  it('takes the absolute form that proxies send', async () => {
    await withServer(async server => {
      const text = `GET http://h:1/announce?x=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`
      assert.match(await raw(server, text), /info_hash is missing/)
    })
  })

  it('answers a malformed announce in bencoding', async () => {
    await withServer(async server => {
      const { statusCode, body } = await request(address(server, '/announce?info_hash=x'))
      assert.equal(statusCode, 200)
      assert.match(await body.text(), /^d14:failure reason\d+:info_hash: 1 bytes instead of 20e$/)
    })
  })

  const nonsense: [what: string, text: string, status: number][] = [
    ['garbage', '\u0000\u0001\u0002 garbage\r\n\r\n', 400],
    ['HTTP of another kind', 'GET / FTP/1.1\r\n\r\n', 400],
    ['an endless header', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['an endless query', `GET /announce?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
    ['a body', 'GET /announce HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n', 400],
    ['a body in chunks', 'GET /announce HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ]
  for (const [what, text, status] of nonsense) {
    it(`turns ${what} away with ${status} and closes`, async () => {
      await withServer(async server => {
        assert.match(await raw(server, text), new RegExp(`^HTTP/1.1 ${status} `))
      })
    })
  }

  it('keeps a connection for as many announces as the client likes', async () => {
    await withServer(async server => {
      const get = 'GET /scrape HTTP/1.1\r\nHost: h\r\n\r\n'
      const last = get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
      assert.equal((await raw(server, get + get + last)).match(/HTTP\/1.1 200 OK/g)?.length, 3)
    })
  })

  it('closes every connection when it stops', async () => {
    const server = await TrackerServer.listen({ port: 0, bind: LOOPBACK })
    const socket = connect(server.port, LOOPBACK)
    await once(socket, 'connect')
    socket.write('GET /announce HTTP/1.1\r\n')
    const closed = new Promise(resolve => socket.on('error', () => socket.destroy()).on('close', resolve))
    await server[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await closed
  })
})

describe('where the tracker listens', () => {
  it('is both families, where nothing is said', async () => {
    await withServer(
      async server => {
        assert.equal(
          (await announceOverHttp(`http://127.0.0.1:${server.port}/announce`, leecher())).type,
          'success',
        )
        if (server.host === '::') {
          const { externalHost } = await announceOverHttp(`http://[::1]:${server.port}/announce`, leecher())
          assert.equal(externalHost, '::1')
        }
        assert.ok(server.urls.includes(`http://127.0.0.1:${server.port}/announce`))
      },
      { bind: undefined },
    )
  })

  it('is the address that it was given', async () => {
    await withServer(async server => {
      assert.equal(server.host, LOOPBACK)
      assert.deepEqual(server.urls, [`http://127.0.0.1:${server.port}/announce`])
      assert.equal(server.url, server.urls[0])
    })
  })

  const refusals: [what: string, options: (taken: number) => TrackerServerOptions, code: string][] = [
    ['a port that is taken', port => ({ port, bind: LOOPBACK }), 'port-in-use'],
    ['a port that is taken, on every address', port => ({ port }), 'port-in-use'],
    ["another machine's address", () => ({ port: 0, bind: '192.0.2.77' }), 'bad-address'],
    ['no address', () => ({ port: 0, bind: 'no-such-host.invalid' }), 'bad-address'],
  ]
  for (const [what, options, code] of refusals) {
    it(`cannot be ${what}`, async () => {
      await withServer(
        async server => {
          await assert.rejects(
            TrackerServer.listen(options(server.port)),
            (error: unknown) => error instanceof ListenError && error.code === code && error.facts.port >= 0,
          )
        },
        { bind: what.includes('every') ? undefined : LOOPBACK },
      )
    })
  }
})
