import { join } from 'node:path'
import { digestTree, writeTree } from '../../support/content.js'
import type { TempFolder } from '../../support/temp-folder.js'
import type { BenchCase } from '../bench-case.js'
import { runNothing } from '../clients/node.js'
import { SOURCE } from '../clients/source.js'
import { OURS_PLAIN, startTorrent } from '../clients/torrent.js'
import { publish } from '../contents.js'
import { comparison } from './comparison.js'
import { transfer } from './transfer.js'

const WITHIN_MS = 30_000
const ROUNDS_EACH = 5

/** How long it takes until a person has an answer, beside Node.js with nothing to do. */
export const STARTUPS: readonly BenchCase[] = [
  startup('startup-version', '`torrent --version`', async () => ['--version']),
  startup('startup-info', '`torrent info` of a small file', async folder => {
    const data = folder.join('small')
    await writeTree(folder.join('small', 'photos'), [{ path: 'hills.jpg', bytes: 100_000 }], 1)
    const content = { data, name: 'photos', bytes: 100_000, digests: undefined, folder }
    const { metainfo } = await publish({ ...content, format: 'hybrid', pieceLength: 2 ** 14 })
    return ['info', metainfo]
  }),
  comparison({
    name: 'startup-get',
    title: '`torrent get` of 20 KB, whose CPU time is that of starting',
    needs: [],
    other: 'node -e 0',
    aims: {},
    roundsEach: ROUNDS_EACH,
    async prepare({ folder }) {
      const data = folder.join('tiny')
      await writeTree(data, [{ path: 'note.txt', bytes: 20_000 }], 1)
      const content = {
        data,
        name: 'note.txt',
        bytes: 20_000,
        digests: await digestTree(join(data, 'note.txt')),
        folder,
      }
      const published = await publish({ ...content, format: 'hybrid', pieceLength: 2 ** 14 })
      return {
        ours: async () => (await transfer(OURS_PLAIN, SOURCE, published)).got,
        other: () => runNothing(folder),
      }
    },
  }),
]

function startup(
  name: string,
  title: string,
  argsIn: (folder: TempFolder) => Promise<readonly string[]>,
): BenchCase {
  return comparison({
    name,
    title,
    needs: [],
    other: 'node -e 0',
    aims: { time: 1.5 },
    roundsEach: ROUNDS_EACH,
    async prepare({ folder }) {
      const args = await argsIn(folder)
      const ours = async () => {
        await using program = startTorrent(args, folder)
        return await program.end(WITHIN_MS)
      }
      return { ours, other: () => runNothing(folder) }
    },
  })
}
