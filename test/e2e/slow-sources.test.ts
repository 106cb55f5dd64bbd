import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { poll } from '../support/deadline.js'
import { freePort, listen } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

/** Serves a .torrent at `/good`, and never answers to anything else. */
function serve(metainfo: Uint8Array): Server {
  return createServer((request, response) => {
    if (request.url === '/good') response.end(metainfo)
  })
}

describe('a .torrent on a server that does not answer', () => {
  const folder = new TempFolder()
  let server: Server | undefined
  let base = ''
  let metainfo = ''
  before(async () => {
    await writeRandomFile(folder.join('data', 'content.bin'), 2 * 2 ** 20, 1)
    metainfo = await make(folder.join('data', 'content.bin'), folder.join('content.torrent'))
    server = serve(await readFile(metainfo))
    base = `http://127.0.0.1:${await listen(server)}`
  })
  after(async () => {
    server?.closeAllConnections()
    await new Promise(resolve => server?.close(resolve))
    await folder[Symbol.asyncDispose]()
  })

  it('holds up no other, and Ctrl-C does not wait for it', async () => {
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const [command = '', , ...options] = getArgs('', folder.join('got'), [seeder.address])
    await using leecher = torrent([command, `${base}/silent`, `${base}/good`, ...options])
    await leecher.waitFor('complete')
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    const { code } = await leecher.stop()
    assert.equal(code, 7)
    assert.match(leecher.child.stderr, /\/silent: stopped before it was loaded/)
  })

  for (const command of ['get', 'check']) {
    it(`is told of, and left at once when the user stops ${command}`, async () => {
      await using process = torrent([command, `${base}/silent`])
      await poll('a note of the source that is slow', async () =>
        /loading .*\/silent: nothing has come yet/.test(process.child.stderr) ? true : undefined,
      )
      const { code } = await process.stop()
      assert.equal(code, 7)
      assert.match(process.child.stderr, /\/silent: stopped before it was loaded/)
    })
  }

  it('is given up after --timeout', async () => {
    await using leecher = torrent(['get', `${base}/silent`, '--timeout', '1s', '-p', '0'])
    const { code } = await leecher.exit()
    assert.equal(code, 4)
    assert.match(leecher.child.stderr, /\/silent: no answer within 1 s: try again later/)
  })

  it('that refuses names no password, wherever errors are written', async () => {
    const url = `http://joe:secret@127.0.0.1:${await freePort()}/x?passkey=hidden`
    await using failed = torrent(['info', url, '--json'], { env: { DEBUG: 'torrent:*' } })
    assert.equal((await failed.exit()).code, 4)
    const { stdout, stderr } = failed.child
    assert.match(stdout, /connection refused/)
    assert.doesNotMatch(stdout + stderr, /secret|hidden|joe/)
  })
})
