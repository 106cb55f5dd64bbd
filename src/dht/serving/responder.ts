// BEP 5: answers to the queries of others, within bounds.

import { encodeError, encodeResponse, type ReplyFrame } from '../../protocol/dht/encode.js'
import type { Answer, QueryMessage } from '../../protocol/dht/messages.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { LocalNode } from '../local-node.js'
import type { Queries } from '../queries.js'
import { type AnswerOutcome, Answers } from './answers.js'
import { fittingAnswer } from './fitting.js'
import { ProvenHosts } from './proven-hosts.js'

/**
 * Answers queries. Since the sender's address may be forged, a host gets answers of at most three times its query until it has shown
 * that it receives what is sent to it. Where an answer would lose what was asked for, the host is pinged first.
 */
export class Responder {
  readonly answers: Answers
  readonly proven: ProvenHosts
  readonly #local: LocalNode
  readonly #queries: Queries
  /** Answers that wait for their host to prove itself. */
  #waiting = 0

  constructor(local: LocalNode, queries: Queries) {
    this.#local = local
    this.#queries = queries
    this.answers = new Answers(local)
    this.proven = new ProvenHosts(local.limits)
  }

  /** @param size bytes of the query */
  answer(message: QueryMessage, size: number, from: PeerAddress, now: number): void {
    const { transaction, query, isReadOnly } = message
    const outcome = this.answers.outcomeOf(query, from, now)
    if (outcome.type === 'fault') {
      this.refuse(transaction, outcome.code, outcome.fault, from)
      return
    }
    if (outcome.isProof) this.proven.add(from.host, now)
    const { datagramBytes, itemDatagramBytes, amplification, waitingAnswers } = this.#local.limits
    const most = query.type === 'get' ? itemDatagramBytes : datagramBytes
    if (this.proven.has(from.host, now)) {
      this.#send(outcome, outcome.answer, transaction, most, from)
      return
    }
    const room = Math.min(most, amplification * size)
    const { answer, brief } = outcome
    const isCutToFit =
      brief === undefined || this.#encode(outcome, answer, transaction, most, from).length <= room
    if (isCutToFit) {
      this.#send(outcome, answer, transaction, room, from)
    } else if (isReadOnly || this.#waiting >= waitingAnswers) {
      this.#send(outcome, brief, transaction, room, from)
    } else {
      const use = (isProven: boolean) =>
        isProven
          ? this.#send(outcome, answer, transaction, most, from)
          : this.#send(outcome, brief, transaction, room, from)
      this.#prove(from, use, now)
    }
  }

  /** Answers a query with an error. */
  refuse(transaction: Uint8Array, code: number, message: string, from: PeerAddress): void {
    this.#local.counters.sentErrors++
    this.#local.send(encodeError(this.#frame(transaction, from), code, message), from)
  }

  /** Pings a host, and calls back once: when it has answered, or takes long to. */
  #prove(to: PeerAddress, use: (isProven: boolean) => void, now: number): void {
    this.#waiting++
    let isWaiting = true
    const done = (isProven: boolean) => {
      if (!isWaiting) return
      isWaiting = false
      this.#waiting--
      use(isProven)
    }
    const listener = {
      answered: () => done(true),
      refused: () => done(true),
      slow: () => done(false),
      lost: () => done(false),
    }
    if (!this.#queries.send(to, { type: 'ping' }, listener, now)) done(false)
  }

  #send(
    outcome: AnswerOutcome,
    answer: Answer,
    transaction: Uint8Array,
    room: number,
    to: PeerAddress,
  ): void {
    this.#local.counters.sentAnswers++
    this.#local.send(this.#encode(outcome, answer, transaction, room, to), to)
  }

  #encode(
    { lists }: AnswerOutcome,
    answer: Answer,
    transaction: Uint8Array,
    room: number,
    to: PeerAddress,
  ): Uint8Array {
    const frame = this.#frame(transaction, to)
    return fittingAnswer(answer, lists, room, this.#local.family, fitted =>
      encodeResponse(frame, this.#local.id, fitted),
    )
  }

  #frame(transaction: Uint8Array, to: PeerAddress): ReplyFrame {
    return { transaction, version: this.#local.version, to }
  }
}
