import { mustRun } from './torrent.js'

/** What `torrent info --json` says of a torrent, as far as tests need it. */
export interface TorrentSummary {
  readonly name: string
  /** Hexadecimal; null where the torrent has none of this version. */
  readonly infoHashV1: string | null
  readonly infoHashV2: string | null
  readonly size: number
  readonly pieceLength: number
  readonly pieceCount: number
}

export async function infoOf(torrent: string): Promise<TorrentSummary> {
  const { stdout } = await mustRun(['info', torrent, '--json'])
  const value: unknown = JSON.parse(stdout)
  if (typeof value !== 'object' || value === null) throw new Error(`not a summary: ${stdout}`)
  const fields = new Map<string, unknown>(Object.entries(value))
  return {
    name: String(fields.get('name')),
    infoHashV1: hex(fields.get('infoHashV1')),
    infoHashV2: hex(fields.get('infoHashV2')),
    size: Number(fields.get('size')),
    pieceLength: Number(fields.get('pieceLength')),
    pieceCount: Number(fields.get('pieceCount')),
  }
}

function hex(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && /^[0-9a-f]+$/.test(value)) return value
  throw new Error(`not a hexadecimal hash: ${String(value)}`)
}
