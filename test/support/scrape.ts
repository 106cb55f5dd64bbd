import { get } from 'node:http'
import { fromHex, fromUtf8 } from '../../src/base/bytes.js'
import { MESSAGE_LIMITS } from '../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../src/protocol/bencode/scan.js'
import { poll } from './deadline.js'

/** Waits until a tracker knows so many seeders of a torrent (BEP 48); `infoHash` is 40 hexadecimal digits. */
export async function trackerKnows(announceUrl: string, infoHash: string, seeders: number): Promise<void> {
  const bytes = fromHex(infoHash)
  if (bytes === undefined) throw new Error(`not hexadecimal: ${infoHash}`)
  const query = Array.from(bytes, byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const url = `${announceUrl.replace(/announce$/, 'scrape')}?info_hash=${query}`
  await poll(`${seeders} seeders at ${announceUrl}`, async () => {
    const body = await fetchBytes(url).catch(() => undefined)
    return body !== undefined && seedersIn(body) >= seeders ? true : undefined
  })
}

function seedersIn(body: Uint8Array): number {
  const files = scanBencode(body, MESSAGE_LIMITS).get('files')?.entries
  if (files === undefined) throw new Error(`not an answer to a scrape: ${fromUtf8(body)}`)
  return files[0]?.[1].get('complete')?.integer ?? 0
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  return await new Promise((resolve, reject) => {
    get(url, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve(Buffer.concat(chunks)))
    }).on('error', reject)
  })
}
