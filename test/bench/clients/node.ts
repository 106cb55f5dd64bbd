import type { TempFolder } from '../../support/temp-folder.js'
import type { Sample } from '../measuring/measure.js'
import { MeasuredProcess } from './measured-process.js'

const WITHIN_MS = 30_000

/** Node.js with nothing to do: what every program on it has to pay. */
export async function runNothing(folder: TempFolder): Promise<Sample> {
  await using program = new MeasuredProcess([process.execPath, '-e', '0'], folder)
  return await program.end(WITHIN_MS)
}
