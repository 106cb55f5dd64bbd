import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { toUtf8 } from '../../src/base/bytes.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { freePort, listen } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

interface Case {
  readonly name: string
  readonly answer: RequestListener
  /** What the warning says. */
  readonly says: RegExp
}

const CASES: readonly Case[] = [
  {
    name: 'a web page',
    answer: (_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><h1>It works!</h1>')
    },
    says: /HTML|not a tracker|malformed/i,
  },
  {
    name: 'status 500',
    answer: (_, response) => {
      response.writeHead(500).end('oops')
    },
    says: /500/,
  },
  {
    name: 'garbage',
    answer: (_, response) => {
      response.end(Buffer.from('d8:intervali-3e5:peers7:abc', 'latin1'))
    },
    says: /./,
  },
  {
    name: 'an empty body',
    answer: (_, response) => {
      response.end()
    },
    says: /empty|nothing|too early|malformed/i,
  },
  {
    name: 'a failure of its own',
    answer: (_, response) => {
      response.end('d14:failure reason18:no such swarm heree')
    },
    says: /no such swarm here/,
  },
  {
    name: 'a redirect loop',
    answer: (request, response) => {
      response.writeHead(302, { Location: request.url }).end()
    },
    says: /redirect/i,
  },
  {
    name: 'a closed connection',
    answer: (request, _) => {
      request.socket.destroy()
    },
    says: /./,
  },
]

/** Publishes 2 MiB, runs a seeder and a download that names the tracker and the seeder. */
async function downloadWith(
  url: string,
  check: (leecher: ReturnType<typeof torrent>) => Promise<void>,
): Promise<void> {
  await using folder = new TempFolder()
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, 2 * 2 ** 20, 1)
  const metainfo = await make(content, folder.join('content.torrent'), '-t', url)
  await using seeder = await startSeeder(metainfo, folder.join('data'))
  await using leecher = torrent([
    ...['get', metainfo, '-d', folder.join('got'), ...LOCAL, '--peer', seeder.address],
  ])
  await leecher.waitFor('complete')
  await check(leecher)
  assert.equal((await leecher.stop()).code, 0)
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
}

describe('a tracker that answers', () => {
  for (const { name, answer, says } of CASES) {
    it(`${name}: a warning that names it, and the download goes on`, async () => {
      const server = createServer(answer)
      const port = await listen(server)
      try {
        await downloadWith(`http://127.0.0.1:${port}/announce`, async leecher => {
          const { message } = await leecher.waitFor('warning')
          assert.match(message, says)
          assert.ok(message.includes(`127.0.0.1:${port}`), `names no tracker: ${message}`)
        })
      } finally {
        server.closeAllConnections()
        await new Promise(resolve => server.close(resolve))
      }
    })
  }
})

it('a tracker that lists the seeder by name, behind entries that are none, and ends its answer in CRLF: it is found', async () => {
  let seederPort = 0
  const server = createServer((_, response) => {
    const peers = [5, 'x', { ip: 'seeder', port: 0 }, { ip: 'localhost', port: seederPort }]
    response.end(Buffer.concat([encodeBencode({ interval: '1800', peers, peers6: 5 }), toUtf8('\r\n')]))
  })
  const port = await listen(server)
  try {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 2 ** 20, 1)
    const url = `http://127.0.0.1:${port}/announce`
    const metainfo = await make(content, folder.join('content.torrent'), '-t', url)
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    seederPort = seeder.port
    const got = folder.join('got')
    await mustRun(['get', metainfo, '-d', got, ...LOCAL, '--exit', '--timeout', '30s'])
    assert.deepEqual(await digestTree(got), await digestTree(folder.join('data')))
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

describe('a tracker', () => {
  it('that is not there: a warning with the reason, and the download goes on', async () => {
    const port = await freePort()
    await downloadWith(`http://127.0.0.1:${port}/announce`, async leecher => {
      const { message } = await leecher.waitFor('warning')
      assert.match(message, /refused/)
    })
  })

  it('that never answers: the download goes on, and Ctrl-C does not wait for it', async () => {
    const server = createServer(() => {})
    const port = await listen(server)
    try {
      await downloadWith(`http://127.0.0.1:${port}/announce`, async () => {})
    } finally {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  })
})
