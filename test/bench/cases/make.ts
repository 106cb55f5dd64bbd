import { equalBytes } from '../../../src/base/bytes.js'
import type { BenchCase, Format } from '../bench-case.js'
import type { MakeOptions, MakingClient } from '../clients/client.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { MKTORRENT } from '../clients/mktorrent.js'
import { OURS } from '../clients/torrent.js'
import { PIECE_LENGTH, type Published, readMetainfo } from '../contents.js'
import type { Sample } from '../measuring/measure.js'
import { fileComparison } from './comparison.js'

/** Torrents of one file. What others do not know, ours does besides: the SHA-256 of the whole file. */
export const MAKES: readonly BenchCase[] = [
  make('v1', MKTORRENT, 1, false),
  make('v2', LIBTORRENT, 1.3, true),
  make('hybrid', LIBTORRENT, 2, true),
]

function make(format: Format, other: MakingClient, speed: number, checksums: boolean): BenchCase {
  return fileComparison<MakingClient>({
    name: `make-${format}`,
    title: `make a torrent, ${format}, ${checksums ? 'with' : 'without'} the SHA-256 of the file`,
    needs: other.needs,
    other: other.name,
    aims: { speed },
    format,
    clients: { ours: OURS, other },
    run: (client, published) =>
      makeAndVerify(client, published, { format, pieceLength: PIECE_LENGTH, checksums }),
  })
}

/** @throws {Error} where the hashes are not those of the torrent that was published */
export async function makeAndVerify(
  client: MakingClient,
  published: Published,
  options: MakeOptions,
): Promise<Sample> {
  const out = published.folder.join('made.torrent')
  const sample = await client.make(published, out, options)
  const [made, expected] = [await readMetainfo(out), await readMetainfo(published.metainfo)]
  const isSame =
    equalBytes(made.pieces ?? NOTHING, expected.pieces ?? NOTHING) &&
    [...expected.pieceLayers].every(([root, layer]) =>
      equalBytes(made.pieceLayers.get(root) ?? NOTHING, layer),
    )
  if (!isSame) throw new Error(`${client.name} made a torrent with other hashes`)
  return sample
}

const NOTHING = new Uint8Array(0)
