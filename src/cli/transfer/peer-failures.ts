import { formatAddress } from '../../protocol/peer-address.js'
import { systemReason } from '../errors/system-reason.js'
import type { PeerFailure } from '../session/session-port.js'

/** Failures that are told one by one. */
const MAX_TOLD = 5

/** Each peer with its reason, and how many more there are: `192.0.2.1:6881: connection refused`. */
export function failuresInWords(failures: readonly PeerFailure[]): string {
  const told = failures
    .slice(0, MAX_TOLD)
    .map(({ address, reason }) => `${formatAddress(address)}: ${systemReason(reason)}`)
  if (failures.length > MAX_TOLD) told.push(`and ${failures.length - MAX_TOLD} more`)
  return told.join('; ')
}
