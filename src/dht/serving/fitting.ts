import { concatBytes } from '../../base/bytes.js'
import { COMPACT_NODE_LENGTH } from '../../protocol/dht/compact-nodes.js'
import type { Answer } from '../../protocol/dht/messages.js'
import { NODE_ID_LENGTH } from '../../protocol/dht/node-id.js'
import type { AddressFamily } from '../../protocol/peer-address.js'

/** The parts of an answer that may be shortened. */
export interface AnswerLists {
  /** Compact peers. */
  readonly values: readonly Uint8Array[]
  /** Compact nodes; undefined where they are not asked for. */
  readonly nodes: readonly Uint8Array[] | undefined
  readonly nodes6: readonly Uint8Array[] | undefined
  /** Info hashes; undefined where they are not asked for. */
  readonly samples: readonly Uint8Array[] | undefined
}

export const NO_LISTS: AnswerLists = { values: [], nodes: undefined, nodes6: undefined, samples: undefined }

type ListName = keyof AnswerLists

/**
 * The longest answer that fits into `room` bytes: samples and peers are cut down to half of it, then nodes of the other family, those
 * of our own, and then all that is left.
 * @param encode the datagram for an answer
 */
export function fittingAnswer(
  answer: Answer,
  lists: AnswerLists,
  room: number,
  family: AddressFamily,
  encode: (answer: Answer) => Uint8Array,
): Uint8Array {
  const lengths: Record<ListName, number> = {
    values: lists.values.length,
    nodes: lists.nodes?.length ?? 0,
    nodes6: lists.nodes6?.length ?? 0,
    samples: lists.samples?.length ?? 0,
  }
  const encoded = encode(withLists(answer, lists, lengths))
  let excess = encoded.length - room
  if (excess <= 0) return encoded
  const shorten = (name: ListName, least: number) => {
    const size = entrySize(lists, name)
    const cut = Math.max(0, Math.min(lengths[name] - least, Math.ceil(excess / size)))
    lengths[name] -= cut
    excess -= cut * size
  }
  const half = (name: ListName) => Math.floor(room / 2 / entrySize(lists, name))
  const order: readonly [ListName, number][] = [
    ['samples', half('samples')],
    ['values', half('values')],
    [family === 'ipv4' ? 'nodes6' : 'nodes', 0],
    [family === 'ipv4' ? 'nodes' : 'nodes6', 0],
    ['values', 0],
    ['samples', 0],
  ]
  for (const [name, least] of order) if (excess > 0) shorten(name, least)
  return encode(withLists(answer, lists, lengths))
}

function entrySize(lists: AnswerLists, name: ListName): number {
  switch (name) {
    case 'values': {
      // With its length, as in `6:`; the others are one string each.
      const size = lists.values[0]?.length ?? 0
      return `${size}:`.length + size
    }
    case 'nodes':
      return COMPACT_NODE_LENGTH.ipv4
    case 'nodes6':
      return COMPACT_NODE_LENGTH.ipv6
    case 'samples':
      return NODE_ID_LENGTH
  }
}

function withLists(answer: Answer, lists: AnswerLists, lengths: Readonly<Record<ListName, number>>): Answer {
  return {
    ...answer,
    values: lengths.values === 0 ? undefined : lists.values.slice(0, lengths.values),
    nodes: lists.nodes && concatBytes(lists.nodes.slice(0, lengths.nodes)),
    nodes6: lists.nodes6 && concatBytes(lists.nodes6.slice(0, lengths.nodes6)),
    samples: lists.samples && concatBytes(lists.samples.slice(0, lengths.samples)),
  }
}
