// `get` of some files of a torrent, and of the others at a later start.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, writeTree } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { getArgs, LOCAL, make, startSeeder } from './local-peers.js'

const FILES = [
  { path: 'a.bin', bytes: 3_000_000 },
  { path: 'b/one.bin', bytes: 1_000_001 },
  { path: 'b/two.txt', bytes: 500_000 },
  { path: 'c.txt', bytes: 2_000_000 },
]

describe('get --select', () => {
  it('downloads the files that are named, and the others at a later start', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content')
    await writeTree(content, FILES, 1)
    const metainfo = await make(content, folder.join('content.torrent'))
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const state = folder.join('state')
    const get = (...more: string[]) =>
      torrent([...getArgs(metainfo, folder.join('got'), [seeder.address]), '--exit', ...more], { state })

    await using some = get('--select', '*.txt', '--select', '!c.txt', '--first', '2')
    assert.equal((await some.exit()).code, 0, some.child.explain('the first download'))
    const { checksums } = await some.waitFor('complete')
    assert.deepEqual(
      checksums?.map(({ path }) => path),
      ['content/b/two.txt'],
    )
    const tree = await digestTree(folder.join('got'))
    assert.deepEqual([...tree.keys()], ['content/b/two.txt'])

    await using all = get()
    assert.equal((await all.exit()).code, 0, all.child.explain('the second download'))
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    assert.ok((await readFile(folder.join('got', 'content', 'c.txt'))).length === 2_000_000)
  })

  for (const format of ['v1', 'hybrid']) {
    it(`takes what a magnet link selects, unless it is told otherwise, ${format}`, async () => {
      await using folder = new TempFolder()
      const content = folder.join('data', 'content')
      await writeTree(content, FILES, 1)
      const metainfo = await make(content, folder.join('content.torrent'), '--format', format)
      const selected = ['--select', 'two.txt', '--select', 'a.bin']
      const link = (await mustRun(['magnet', metainfo, ...selected])).stdout.trim()
      await using seeder = await startSeeder(metainfo, folder.join('data'))
      const get = async (magnet: string, dir: string, ...more: string[]) => {
        const args = [...getArgs(magnet, folder.join(dir), [seeder.address]), '--exit', ...more]
        const process = torrent(args, { state: folder.join(`state-${dir}`) })
        const { code } = await process.exit()
        return { code, process }
      }
      const some = await get(link, 'some')
      assert.equal(some.code, 0, some.process.child.explain('a link with so='))
      const got = await digestTree(folder.join('some'))
      assert.deepEqual([...got.keys()].sort(), ['content/a.bin', 'content/b/two.txt'])
      const other = await get(link, 'other', '--select', 'c.txt')
      assert.equal(other.code, 0, other.process.child.explain('--select'))
      assert.deepEqual([...(await digestTree(folder.join('other'))).keys()], ['content/c.txt'])
      const none = await get(link.replace(/so=[^&]*/, 'so=77'), 'none')
      assert.equal(none.code, 2, none.process.child.explain('a link that selects nothing'))
      assert.match(none.process.child.stderr, /the link selects no file \(so=\); there are content\/a\.bin/)

      // What is there is a partial seed.
      await using part = torrent(
        ['seed', metainfo, '-d', folder.join('some'), ...LOCAL, '--no-tracker', ...selected],
        { state: folder.join('state-part') },
      )
      const { port } = await part.waitFor('seeding')
      const args = getArgs(metainfo, folder.join('third'), [`127.0.0.1:${port}`])
      await using third = torrent([...args, '--exit', '--select', format === 'v1' ? '2' : 'a.bin'], {
        state: folder.join('state-third'),
      })
      // In v1 pieces at the edge cannot be verified without the neighbours, and are not seeded.
      await third.waitFor('progress', ({ verified }) => verified > 0)
    })
  }

  it('--dry-run tells what is there and what is missing, also of a magnet link, and writes nothing', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content')
    await writeTree(content, FILES, 1)
    const metainfo = await make(content, folder.join('content.torrent'), '--format', 'v1')
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const state = folder.join('state')
    const get = async (source: string, ...more: string[]) => {
      const process = torrent([...getArgs(source, folder.join('got'), [seeder.address]), ...more], { state })
      const { code } = await process.exit()
      assert.equal(code, 0, process.child.explain(more.join(' ')))
      return process
    }
    const dry = async (source: string, ...more: string[]) => {
      const { size, done, missing, room, free, files } = await (
        await get(source, '--dry-run', ...more)
      ).waitFor('preview')
      assert.ok(free > 0)
      const there = files.filter(file => file.done === file.length).map(({ path }) => path)
      return { size, done, isMissing: missing > 0, room, there }
    }
    const link = (await mustRun(['magnet', metainfo])).stdout.trim()
    const nothing = { size: 6_500_001, done: 0, isMissing: true, room: 6_500_001, there: [] }
    assert.deepEqual(await dry(link), nothing)
    assert.deepEqual(await dry(metainfo), nothing)
    await assert.rejects(digestTree(folder.join('got')), { code: 'ENOENT' })

    await get(metainfo, '--select', 'b', '--exit')
    const before = await digestTree(folder.join('got'))
    const some = { size: 1_500_001, done: 1_500_001, isMissing: false, room: 0 }
    const there = ['content/b/one.bin', 'content/b/two.txt']
    assert.deepEqual(await dry(metainfo, '--select', 'b'), { ...some, there })
    const all = await dry(metainfo, '--recheck')
    assert.deepEqual(all.there, there)
    assert.ok(all.isMissing && all.done >= 1_500_001 && all.room === all.size - all.done, JSON.stringify(all))
    assert.deepEqual(await digestTree(folder.join('got')), before)
  })

  it('without a value is a usage error where there is no terminal', async () => {
    await using get = torrent(['get', 'x.torrent', '--select'])
    assert.equal((await get.exit()).code, 2)
    assert.match(get.child.stderr, /--select without a value picks from a list on a terminal/)
  })

  it('is a usage error that names the files where a pattern matches none', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content')
    await writeTree(content, FILES, 1)
    const metainfo = await make(content, folder.join('content.torrent'))
    await using get = torrent([
      'get',
      metainfo,
      '-d',
      folder.join('got'),
      '--no-tracker',
      '--select',
      '*.avi',
    ])
    assert.equal((await get.exit()).code, 2)
    assert.match(
      get.child.stderr,
      /'\*\.avi' matches no file; there are content\/a\.bin, content\/b\/one\.bin/,
    )
  })
})
