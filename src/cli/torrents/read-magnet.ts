import type { Magnet } from '../../protocol/magnet.js'
import type { Output } from '../output/output.js'
import type { Services } from '../services.js'
import { infoHashOf, shownNameOf } from './torrent-facts.js'

/**
 * A magnet link, with a warning for each part of it that is not used.
 * @throws {import('../../protocol/magnet.js').MagnetError}
 */
export async function readMagnet(
  text: string,
  services: Pick<Services, 'parseMagnet'>,
  output: Output,
): Promise<Magnet> {
  const magnet = await services.parseMagnet(text)
  const about = { infoHash: infoHashOf(magnet), name: shownNameOf(magnet) }
  for (const warning of magnet.warnings) output.warn('magnet', warning, about)
  return magnet
}
