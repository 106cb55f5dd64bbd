import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MakingClient } from './client.js'
import { boundMs, MeasuredProcess } from './measured-process.js'

const THREADS = 2

/** mktorrent 1.1, which makes v1 torrents. */
export const MKTORRENT: MakingClient = {
  name: 'mktorrent',
  needs: ['mktorrent', 'python'],
  async make({ data, name, bytes, folder }, out, { pieceLength }) {
    // It overwrites nothing.
    await rm(out, { force: true })
    const options = ['-t', `${THREADS}`, '-l', `${Math.log2(pieceLength)}`, '-o', out]
    await using program = new MeasuredProcess(['mktorrent', ...options, join(data, name)], folder)
    return await program.end(boundMs(bytes))
  },
}
