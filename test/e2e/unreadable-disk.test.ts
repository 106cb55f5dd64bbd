import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestTree, writeRandomFile } from '../support/content.js'
import { freePort } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { getArgs, make, startLeecher, startSeeder } from './local-peers.js'

const UNREADABLE_DISK = fileURLToPath(new URL('../support/unreadable-disk.js', import.meta.url))

it('a download whose pieces cannot be read for other peers warns once, and completes', async () => {
  await using folder = new TempFolder()
  const content = folder.join('data', 'unreadable.bin')
  await writeRandomFile(content, 2_000_000, 1)
  const metainfo = await make(content, folder.join('content.torrent'), '--piece-length', '16K')
  await using seeder = await startSeeder(metainfo, folder.join('data'), [
    '--no-tracker',
    '--limit-up',
    '500K',
  ])
  const port = await freePort()
  const args = [...getArgs(metainfo, folder.join('got'), [seeder.address]), '-p', `${port}`]
  await using leecher = torrent(args, { env: { NODE_OPTIONS: `--import ${UNREADABLE_DISK}` } })
  await leecher.waitFor('progress', ({ done }) => done > 0)
  // Nothing more comes until the warning is there, so that the download cannot be complete before it.
  seeder.process.child.signal('SIGSTOP')
  await using other = startLeecher(metainfo, folder.join('other'), [`127.0.0.1:${port}`])
  const { code, message } = await leecher.waitFor('warning')
  assert.equal(code, 'io')
  assert.match(message, /unreadable\.bin/)
  assert.equal(leecher.last('complete'), undefined)
  seeder.process.child.signal('SIGCONT')
  await leecher.waitFor('complete')
  await other.stop()
  assert.equal((await leecher.stop()).code, 0, leecher.child.explain('the download'))
  const warnings = leecher.events.all.filter(({ type }) => type === 'warning')
  assert.equal(warnings.length, 1, leecher.child.explain('its warnings'))
  assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
})
