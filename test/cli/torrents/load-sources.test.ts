import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadSources } from '../../../src/cli/torrents/load-sources.js'
import { listen } from '../../support/ports.js'
import { TempFolder } from '../../support/temp-folder.js'

const TORRENT = 'd4:infod4:name1:xee'

describe('sources that are loaded side by side', () => {
  const folder = new TempFolder()
  /** Requests for `/silent…`, which are never answered. */
  const silent: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/silent')) silent.push(response)
    else response.end(TORRENT)
  })
  let base = ''
  before(async () => {
    base = `http://127.0.0.1:${await listen(server)}`
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    await folder[Symbol.asyncDispose]()
  })

  async function files(count: number): Promise<string[]> {
    const paths = Array.from({ length: count }, (_, i) => join(folder.path, `${i}.torrent`))
    for (const path of paths) await writeFile(path, TORRENT)
    return paths
  }

  it('come in their order where they are files', async () => {
    const paths = await files(50)
    const come: string[] = []
    for await (const { source, loading } of loadSources(paths)) {
      assert.equal((await loading).type, 'metainfo')
      come.push(source)
    }
    assert.deepEqual(come, paths)
  })

  it('are not held up by addresses that do not answer, however many', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const dead = Array.from({ length: 12 }, (_, i) => `${base}/silent-${i}`)
    const [file = ''] = await files(1)
    const good = [file, `${base}/good`]
    const come: string[] = []
    const failed: string[] = []
    for await (const { source, loading } of loadSources([...dead, ...good], { signal: controller.signal })) {
      await loading.then(
        () => come.push(source),
        error => {
          assert.equal(error, reason)
          failed.push(source)
        },
      )
      if (come.length === good.length) controller.abort(reason)
    }
    assert.deepEqual(come.toSorted(), good.toSorted())
    assert.deepEqual(failed.toSorted(), dead.toSorted())
  })

  it('fail one by one', async () => {
    const [file = ''] = await files(1)
    const outcomes = new Map<string, string>()
    for await (const { source, loading } of loadSources([join(folder.path, 'nowhere'), file])) {
      outcomes.set(
        source,
        await loading.then(
          () => 'loaded',
          error => error.code,
        ),
      )
    }
    assert.deepEqual([...outcomes.values()], ['not-found', 'loaded'])
  })

  it('are given up where no more of them are asked for', async () => {
    const [file = ''] = await files(1)
    const before = silent.length
    for await (const { source } of loadSources([`${base}/silent`, `${base}/good`, file])) {
      assert.notEqual(source, `${base}/silent`)
      if (silent.length > before) break
    }
    const [left] = silent.slice(before)
    assert.ok(left)
    if (!left.closed) await new Promise(resolve => left.on('close', resolve))
  })
})
