import { rm } from 'node:fs/promises'
import type { GettingClient, SeedingClient } from '../clients/client.js'
import { type Published, verifyAndRemove } from '../contents.js'
import type { Sample } from '../measuring/measure.js'
import { warmMemory } from '../measuring/warm-memory.js'

/** A download by one client from another, compared with what was published. */
export async function transfer(
  leecher: GettingClient,
  seeder: SeedingClient,
  published: Published,
): Promise<{ got: Sample; given: Sample }> {
  const into = published.folder.join('got')
  // What a run left behind that was given up.
  await rm(into, { recursive: true, force: true })
  await using running = await seeder.seed(published)
  warmMemory(published.folder, published.bytes)
  const got = await leecher.get(published, into, running.port)
  const given = await running.stop()
  await verifyAndRemove(published, into, leecher.name)
  return { got, given }
}

/** The same, seen from the seeder: what it took itself, in the leecher's time. */
export async function seedTo(
  leecher: GettingClient,
  seeder: SeedingClient,
  published: Published,
): Promise<Sample> {
  const { got, given } = await transfer(leecher, seeder, published)
  return { ...given, wallMs: got.wallMs }
}
