import assert from 'node:assert/strict'
import { readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Session } from '../../../src/client/session.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const LONG_AGO = new Date('2001-01-01')

test('what is remembered is written when it has changed, and only then', async () => {
  await using sample = await SampleTorrent.make()
  const seedOnce = async () => {
    await using session = await Session.open({ port: 0, bind: '127.0.0.1' })
    const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await within(20_000, 'the seeder', new Watch(task).until('seeding'))
  }
  await seedOnce()
  const folder = join(process.env.XDG_STATE_HOME ?? '', 'torrent', 'resume')
  const [name = ''] = readdirSync(folder)
  const path = join(folder, name)
  const isRewritten = async () => {
    utimesSync(path, LONG_AGO, LONG_AGO)
    await seedOnce()
    return statSync(path).mtimeMs !== LONG_AGO.getTime()
  }
  assert.equal(await isRewritten(), false)
  utimesSync(join(sample.dataDir, sample.metainfo.name), LONG_AGO, LONG_AGO)
  assert.equal(await isRewritten(), true)
  assert.equal(await isRewritten(), false)
})
