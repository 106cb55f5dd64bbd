import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { fromUtf8 } from '../../../src/base/bytes.js'
import { loadSource, type Source } from '../../../src/cli/torrents/load-source.js'
import { SourceError, type SourceErrorCode } from '../../../src/cli/torrents/source-error.js'

const run = promisify(execFile)
const hasFifos = process.platform !== 'win32'
const TORRENT = 'd4:infod4:name1:xee'
const V1 = 'Aa'.repeat(20)
const V2 = '0f'.repeat(32)

function textOf(source: Source): string {
  assert.equal(source.type, 'metainfo')
  return source.type === 'metainfo' ? fromUtf8(source.bytes) : ''
}

async function assertFails(loading: Promise<Source>, code: SourceErrorCode, says: RegExp): Promise<void> {
  await assert.rejects(loading, error => {
    assert.ok(error instanceof SourceError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, says)
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
}

describe('a source in the file system', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torrent-sources-'))
    await writeFile(join(folder, 'a.torrent'), TORRENT)
    await writeFile(join(folder, 'named-otherwise'), TORRENT)
    await writeFile(join(folder, 'empty.torrent'), '')
    await writeFile(join(folder, 'photo.jpg'), Buffer.from([0xff, 0xd8]))
    await writeFile(join(folder, 'empty'), '')
    await writeFile(join(folder, 'note.txt'), 'deep thoughts: 42')
    await writeFile(join(folder, 'huge.torrent'), '')
    await truncate(join(folder, 'huge.torrent'), 2 ** 40)
  })
  after(() => rm(folder, { recursive: true }))

  it('is a .torrent by its name or by its first bytes', async () => {
    assert.equal(textOf(await loadSource(join(folder, 'a.torrent'))), TORRENT)
    assert.equal(textOf(await loadSource(join(folder, 'named-otherwise'))), TORRENT)
    assert.equal(textOf(await loadSource(join(folder, 'empty.torrent'))), '')
  })

  it('is content where it is any other file, or a folder', async () => {
    for (const path of ['photo.jpg', 'empty', 'note.txt', '.'].map(name => join(folder, name))) {
      assert.deepEqual(await loadSource(path), { type: 'path', path })
    }
  })

  it('that is not there says so', async () => {
    const path = join(folder, 'nowhere.torrent')
    await assertFails(loadSource(''), 'not-found', /no name/)
    await assertFails(loadSource(path), 'not-found', /nowhere\.torrent: no such file/)
    await assertFails(loadSource(join(folder, 'a.torrent', 'x')), 'unreadable', /not a folder/)
  })

  it('may be a FIFO, which is left at once when it is cancelled', { skip: !hasFifos }, async () => {
    const path = join(folder, 'fifo')
    await run('mkfifo', [path])
    const loading = loadSource(path)
    await writeFile(path, TORRENT)
    assert.equal(textOf(await loading), TORRENT)

    const controller = new AbortController()
    const reason = new Error('enough')
    const left = loadSource(path, { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await assert.rejects(left, reason)
  })

  it('that is too large is not read to its end', async () => {
    await assertFails(loadSource(join(folder, 'huge.torrent')), 'too-large', /huge\.torrent.*100 MiB/)
  })
})

describe('a source that is no file', () => {
  it('is standard input for "-"', async () => {
    const stdin = Readable.from([Buffer.from('d4:info'), Buffer.from('d4:name1:xee')])
    assert.equal(textOf(await loadSource('-', { stdin })), TORRENT)
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024)
      })(),
    )
    await assertFails(loadSource('-', { stdin: endless, maxBytes: 2 ** 20 }), 'too-large', /standard input/)
  })

  it('is left at once when it is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const silent = new Readable({ read: () => undefined })
    const loading = loadSource('-', { stdin: silent, signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(loading, reason)
  })

  it('is a magnet link', async () => {
    const text = `MAGNET:?xt=urn:btih:${V1}`
    assert.deepEqual(await loadSource(text), { type: 'magnet', text })
  })

  it('is an info hash of either version, as a magnet link', async () => {
    assert.deepEqual(await loadSource(V1), {
      type: 'magnet',
      text: `magnet:?xt=urn:btih:${V1.toLowerCase()}`,
    })
    assert.deepEqual(await loadSource(V2), { type: 'magnet', text: `magnet:?xt=urn:btmh:1220${V2}` })
    await assertFails(loadSource(V1.slice(1)), 'not-found', /not an info hash, which has 40 or 64/)
  })
})

describe('a source on the web', () => {
  const answer: Record<string, RequestListener> = {
    '/a.torrent': (_, response) => response.end(TORRENT),
    '/zipped': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(TORRENT)),
    '/moved': (_, response) => response.writeHead(302, { location: '/a.torrent' }).end(),
    '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
    '/to-file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/bomb': (_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(2 ** 22))),
    '/endless': (_, response) =>
      Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc(2 ** 16)
        })(),
      ).pipe(response),
    '/half': (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('d4:info')
      setImmediate(() => response.destroy())
    },
    '/silent': () => undefined,
    '/page': (_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'),
    '/attachment': (_, response) => response.setHeader('content-type', 'text/html').end(TORRENT),
    '/locked': (_, response) => response.writeHead(401).end(),
    '/busy': (_, response) => response.writeHead(503).end(),
    '/drip': (_, response) => {
      const timer = setInterval(() => response.write('d'), 10)
      response.on('close', () => clearInterval(timer))
    },
  }
  const server = createServer((request, response) => {
    const listener = answer[request.url ?? '']
    if (listener === undefined) response.writeHead(404).end('<html>')
    else listener(request, response)
  })
  let base = ''
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  it('is downloaded, inflated, and followed where it went', async () => {
    for (const path of ['/a.torrent', '/zipped', '/moved']) {
      assert.equal(textOf(await loadSource(base + path)), TORRENT, path)
    }
  })

  it('may be too large, before or after inflating', async () => {
    for (const path of ['/bomb', '/endless']) {
      await assertFails(loadSource(base + path, { maxBytes: 2 ** 20 }), 'too-large', /1 MiB/)
    }
  })

  it('may be gone', async () => {
    await assertFails(loadSource(`${base}/nowhere`), 'http-status', /nowhere: the server answered 404/)
  })

  it('may say why it is not there', async () => {
    await assertFails(loadSource(`${base}/locked`), 'http-status', /answered 401.*name:password@host/)
    await assertFails(loadSource(`${base}/busy`), 'http-status', /answered 503.*try again later/)
    const withName = base.replace('http://', 'http://joe:secret@')
    await assertFails(loadSource(`${withName}/locked`), 'http-status', /401.*does not accept the user name/)
  })

  it('may be a page for a browser, unless only its type says so', async () => {
    await assertFails(loadSource(`${base}/page`), 'web-page', /this is a web page.*download link/)
    assert.equal(textOf(await loadSource(`${base}/attachment`)), TORRENT)
  })

  it('is named without its secrets when it fails', async () => {
    const url = `${base.replace('http://', 'http://joe:secret@')}/nowhere?passkey=hidden`
    await assertFails(loadSource(url), 'http-status', /^http:\/\/127\.0\.0\.1:\d+\/nowhere\?passkey=\*\*\*: /)
    await assertFails(
      loadSource('http://joe:secret@host:x/'),
      'bad-address',
      /^http:\/\/host:x\/: not a valid/,
    )
  })

  it('is given up where it comes too slowly', async () => {
    await assertFails(
      loadSource(`${base}/drip`, { timeoutMs: 1_000 }),
      'timeout',
      /drip: it sends too slowly/,
    )
  })

  it('is left at once when it is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const loading = loadSource(`${base}/silent`, { signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(loading, reason)
  })

  it('may lead in a circle, or out of the web', async () => {
    await assertFails(loadSource(`${base}/round`), 'redirect', /it redirects more than 5 times/)
    await assertFails(loadSource(`${base}/to-file`), 'redirect', /it redirects to file:/)
  })

  it('may break off, or never answer', async () => {
    await assertFails(loadSource(`${base}/half`), 'unreachable', /half: it closed the connection before/)
    await assertFails(
      loadSource(`${base}/silent`, { timeoutMs: 50 }),
      'timeout',
      /silent: no answer within 0.05 s/,
    )
  })

  it('may not be there at all', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    await assertFails(loadSource(`http://127.0.0.1:${port}/`), 'unreachable', /connection refused/)
  })
})
