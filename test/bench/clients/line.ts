import { join } from 'node:path'
import { PROJECT } from '../../support/project.js'
import type { SeedingClient } from './client.js'
import { MeasuredProcess } from './measured-process.js'

const PROGRAM = join(PROJECT, 'dist', 'test', 'bench', 'loads', 'delay-line.js')

/** A seeder at the other end of a line with latency. Its figures are those of the seeder alone. */
export function overLine(seeder: SeedingClient, latencyMs: number): SeedingClient {
  return {
    ...seeder,
    async seed(published) {
      const far = await seeder.seed(published)
      const line = new MeasuredProcess(
        [process.execPath, PROGRAM, `${far.port}`, `${latencyMs}`],
        published.folder,
      )
      const end = async () => {
        await line[Symbol.asyncDispose]()
        await far[Symbol.asyncDispose]()
      }
      try {
        const port = Number(await line.line('a port of the line', () => true))
        return { ...far, port, [Symbol.asyncDispose]: end }
      } catch (error) {
        await end()
        throw error
      }
    },
  }
}
