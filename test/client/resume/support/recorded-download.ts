// Run in a process of its own: downloads a torrent, or the files of it that are named, from one peer, and ends once it is complete and synced.
import { readFile } from 'node:fs/promises'
import { nodeDigests } from '../../../../src/client/digests.js'
import { Session } from '../../../../src/client/session.js'
import { Selection } from '../../../../src/engine/pick/selection.js'
import { parseMetainfo } from '../../../../src/protocol/metainfo/parse.js'
import { Watch } from '../../support/watch.js'

const [, , torrent = '', dir = '', port = '', rate = '', ...selected] = process.argv

await using session = await Session.open({
  port: 0,
  bind: '127.0.0.1',
  limits: { down: Number(rate) },
  saveIntervalMs: 1,
})
const task = session.add(parseMetainfo(await readFile(torrent), nodeDigests), {
  dir,
  mode: 'get',
  useTrackers: false,
  selection:
    selected.length === 0
      ? undefined
      : info => Selection.of(info, (_, { path }) => (selected.includes(path.join('/')) ? 4 : 0)),
  peers: [{ host: '127.0.0.1', port: Number(port) }],
  sync: true,
})
const watch = new Watch(task)
await watch.until('complete')
console.log('complete')
await watch.until('seeding')
