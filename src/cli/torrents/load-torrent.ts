import { CodedError } from '../../base/errors.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { Services } from '../services.js'
import { type LoadOptions, loadSource, type Source } from './load-source.js'
import { SourceError, sourceName } from './source-error.js'

/** The first byte of every .torrent: the `d` of a bencoded dictionary (BEP 3). */
const DICTIONARY = 0x64

/** The torrent that a source holds, where only a .torrent will do. Errors name the source. Throws `SourceError`. */
export async function loadTorrent(
  source: string,
  services: Pick<Services, 'parseMetainfo'>,
  options: LoadOptions = {},
): Promise<Metainfo> {
  return await torrentIn(await loadSource(source, options), source, services)
}

/** As `loadTorrent`, of a source that is loaded. */
export async function torrentIn(
  loaded: Source,
  source: string,
  services: Pick<Services, 'parseMetainfo'>,
): Promise<Metainfo> {
  switch (loaded.type) {
    case 'metainfo':
      return await parseNamed(loaded.bytes, source, services)
    case 'magnet':
      throw new SourceError('magnet', 'a .torrent is needed here, and no magnet link or info hash', {
        source,
      })
    case 'path':
      throw new SourceError('no-torrent', `${loaded.path}: not a .torrent`, { source })
  }
}

/** Parses a .torrent so that what is wrong with it names where it came from. */
export async function parseNamed(
  bytes: Uint8Array,
  source: string,
  services: Pick<Services, 'parseMetainfo'>,
): Promise<Metainfo> {
  const where = sourceName(source)
  if (bytes[0] !== DICTIONARY) {
    const what = bytes.length === 0 ? 'there is nothing in it' : 'not a .torrent'
    throw new SourceError('no-torrent', `${where}: ${what}`, { source })
  }
  try {
    return await services.parseMetainfo(bytes)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw new SourceError('bad-torrent', `${where}: ${error.message}`, { source }, { cause: error })
  }
}
