import { isMeaningfulTo, scopeOf } from '../protocol/address-scope.js'
import { decodeNodes, type NodeInfo } from '../protocol/dht/compact-nodes.js'
import type { Answer } from '../protocol/dht/messages.js'
import type { AddressFamily, PeerAddress } from '../protocol/peer-address.js'
import type { LocalNode } from './local-node.js'

const NO_NODES = new Uint8Array(0)

/**
 * The nodes of our family that an answer names, without those that only its sender could reach. Nodes of the other family go to our
 * node there (BEP 32).
 */
export function nodesNamed(answer: Answer, from: PeerAddress, local: LocalNode, now: number): NodeInfo[] {
  const { family, sibling } = local
  const other: AddressFamily = family === 'ipv4' ? 'ipv6' : 'ipv4'
  sibling?.nodesNamed(nodesIn(answer, other, from, local), now)
  return nodesIn(answer, family, from, local)
}

function nodesIn(answer: Answer, family: AddressFamily, from: PeerAddress, local: LocalNode): NodeInfo[] {
  const nodes = (family === 'ipv4' ? answer.nodes : answer.nodes6) ?? NO_NODES
  const scope = scopeOf(from.host)
  return decodeNodes(nodes, family, local.limits.nodesPerAnswer).filter(({ address }) =>
    isMeaningfulTo(address.host, scope),
  )
}
