import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { PeerProxy } from '../support/peer-proxy.js'
import { freePort, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

describe('a leecher', () => {
  it('seeds on after the first seeder has left, found at the tracker alone', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/announce`
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 30_000_001, 1)
    const metainfo = await make(content, folder.join('content.torrent'), '-t', url)
    const { infoHashV1 } = await infoOf(metainfo)
    await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
    await listening(port)

    await using first = await startSeeder(metainfo, folder.join('data'), [])
    await trackerKnows(url, infoHashV1 ?? '', 1)
    await using second = torrent(['get', metainfo, '-d', folder.join('second'), ...LOCAL])
    await second.waitFor('complete')
    await second.waitFor('seeding')
    await trackerKnows(url, infoHashV1 ?? '', 2)
    assert.equal((await first.process.stop()).code, 0)

    await using third = torrent(['get', metainfo, '-d', folder.join('third'), ...LOCAL, '--exit'])
    assert.equal((await third.exit()).code, 0, third.child.explain('the third download'))
    assert.equal((await second.stop()).code, 0)

    const wanted = await digestTree(folder.join('data'))
    assert.deepEqual(await digestTree(folder.join('second')), wanted)
    assert.deepEqual(await digestTree(folder.join('third')), wanted)
  })

  it('gives to another leecher what it has before it has all', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 64 * 2 ** 20, 2)
    const metainfo = await make(content, folder.join('content.torrent'))
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    await using proxy = await PeerProxy.listen({ port: seeder.port, bytesPerSecond: 16 * 2 ** 20 })
    const near = await freePort()

    // Only the first leecher reaches the seeder, and slowly; the second one knows the first alone.
    const local = ['--json', '--bind', '127.0.0.1', '--no-tracker']
    await using first = torrent([
      ...['get', metainfo, '-d', folder.join('first'), ...local, '-p', `${near}`, '--peer', proxy.address],
    ])
    await first.waitFor('progress', ({ done, total }) => done > 0 && done < total)
    await using second = torrent([
      ...['get', metainfo, '-d', folder.join('second'), ...local, '-p', '0', '--peer', `127.0.0.1:${near}`],
    ])
    await second.waitFor('progress', ({ done }) => done > 0)
    assert.equal(first.last('complete'), undefined, 'the first leecher was complete before it gave anything')

    await second.waitFor('complete')
    assert.deepEqual(await digestTree(folder.join('second')), await digestTree(folder.join('data')))
  })
  it('trades halves with another one, where no peer has the whole', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 8 * 2 ** 20, 3)
    const metainfo = await make(content, folder.join('content.torrent'))
    const whole = await readFile(content)
    const [near, far] = [await freePort(), await freePort()]
    for (const [name, from] of Object.entries({ first: 0, second: 4 * 2 ** 20 })) {
      const half = Buffer.alloc(whole.length)
      whole.copy(half, from, from, from + 4 * 2 ** 20)
      await mkdir(folder.join(name))
      await writeFile(folder.join(name, 'content.bin'), half)
    }
    const local = ['--json', '--bind', '127.0.0.1', '--no-tracker', '--timeout', '60s']
    const get = (name: string, port: number, peer: number) =>
      torrent([
        ...['get', metainfo, '-d', folder.join(name), ...local],
        ...['-p', `${port}`, '--peer', `127.0.0.1:${peer}`],
      ])
    await using first = get('first', near, far)
    await using second = get('second', far, near)
    await Promise.all([first.waitFor('complete'), second.waitFor('complete')])
    const wanted = await digestTree(folder.join('data'))
    assert.deepEqual(await digestTree(folder.join('first')), wanted)
    assert.deepEqual(await digestTree(folder.join('second')), wanted)
  })
})
