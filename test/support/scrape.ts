import { request } from 'undici'
import { fromHex, fromUtf8, toHex } from '../../src/base/bytes.js'
import { MESSAGE_LIMITS } from '../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../src/protocol/bencode/scan.js'
import { percentEncode } from '../../src/protocol/tracker/percent.js'
import { poll } from './deadline.js'

/** The counts of a swarm by their names in the answer. */
type Counts = Readonly<Record<string, number | undefined>>

/** Waits until a tracker knows `seeders` seeders of a torrent; `infoHash` is 40 hexadecimal digits. */
export async function trackerKnows(announceUrl: string, infoHash: string, seeders: number): Promise<void> {
  const bytes = fromHex(infoHash)
  if (bytes === undefined) throw new Error(`not hexadecimal: ${infoHash}`)
  await poll(`${seeders} seeders at ${announceUrl}`, async () => {
    const swarms = await scrape(announceUrl, [bytes]).catch(() => undefined)
    return (swarms?.get(infoHash)?.complete ?? 0) >= seeders ? true : undefined
  })
}

/** Scrapes a tracker (BEP 48): the counts of each swarm that it knows, by info hash in hexadecimal digits. */
export async function scrape(
  announceUrl: string,
  infoHashes: readonly Uint8Array[],
): Promise<ReadonlyMap<string, Counts>> {
  const query = infoHashes.map(hash => `info_hash=${percentEncode(hash)}`).join('&')
  const response = await request(`${announceUrl.replace(/announce$/, 'scrape')}?${query}`)
  return countsOf(await response.body.bytes())
}

/** Reads an answer to a scrape. */
export function countsOf(body: Uint8Array): ReadonlyMap<string, Counts> {
  const files = scanBencode(body, MESSAGE_LIMITS).get('files')?.entries
  if (files === undefined) throw new Error(`not an answer to a scrape: ${fromUtf8(body)}`)
  return new Map(
    files.map(([infoHash, swarm]) => [
      toHex(infoHash),
      Object.fromEntries(swarm.entries?.map(([name, count]) => [fromUtf8(name), count.integer]) ?? []),
    ]),
  )
}
