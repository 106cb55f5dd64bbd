import { join } from 'node:path'
import { PROJECT } from '../../support/project.js'
import type { SeedingClient } from './client.js'
import { MeasuredProcess } from './measured-process.js'

const PROGRAM = join(PROJECT, 'dist', 'test', 'bench', 'loads', 'source.js')

/** The cheapest seeder there is here, so that a download from it measures the leecher alone. Its CPU time is that of seeding. */
export const SOURCE = source()

/** The same, and it states that it keeps 4,096 requests waiting, as many as a long fast line needs. */
export const WIDE_SOURCE = source(['4096'])

function source(options: readonly string[] = []): SeedingClient {
  return {
    name: 'source',
    needs: [],
    async seed({ metainfo, data, folder }) {
      const program = new MeasuredProcess([process.execPath, PROGRAM, metainfo, data, ...options], folder)
      const line = program.line('a port of the source', () => true)
      const seeder = await program.seedingAt(line.then(text => Number.parseInt(text, 10)))
      const preparedMs = Number((await line).split(' ')[1])
      return {
        ...seeder,
        async stop() {
          const sample = await seeder.stop()
          return { ...sample, cpuMs: sample.cpuMs - preparedMs }
        },
      }
    },
  }
}
