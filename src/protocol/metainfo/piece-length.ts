import { BLOCK_LENGTH } from './metainfo.js'

/** The longest pieces that are made on their own account. */
const MAX_CHOSEN_PIECE_LENGTH = 16 * 2 ** 20

/** The longest pieces that can be asked for: beyond this, many clients refuse them. */
export const MAX_PIECE_LENGTH = 64 * 2 ** 20

/**
 * Chooses a piece length for content of a given size: ten times its square root, rounded up to a power of two, from 16 KiB to
 * 16 MiB. So the number of pieces grows with the root of the size, as in libtorrent: 1,000 for 100 MB, 4,000 for 4 GiB.
 */
export function choosePieceLength(totalBytes: number): number {
  let pieceLength = BLOCK_LENGTH
  while (pieceLength < MAX_CHOSEN_PIECE_LENGTH && pieceLength < 10 * Math.sqrt(totalBytes)) pieceLength *= 2
  return pieceLength
}

/**
 * A piece length for a hybrid torrent, in which each file is filled up to whole pieces with zeros that all have to hash:
 * shorter for many small files, so that there are no more zeros than content.
 */
export function choosePaddedPieceLength(fileLengths: readonly number[]): number {
  const totalBytes = fileLengths.reduce((sum, length) => sum + length, 0)
  const padded = (pieceLength: number) =>
    fileLengths.reduce((sum, length) => sum + Math.ceil(length / pieceLength) * pieceLength, 0)
  let pieceLength = choosePieceLength(totalBytes)
  while (pieceLength > BLOCK_LENGTH && padded(pieceLength) > 2 * totalBytes) pieceLength /= 2
  return pieceLength
}
