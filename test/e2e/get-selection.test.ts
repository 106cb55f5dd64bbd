// `get` of some files of a torrent, and of the others at a later start.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, writeTree } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

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
