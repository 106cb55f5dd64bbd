import assert from 'node:assert/strict'
import type { Node, Post } from './joined-engines.js'

/** Lets seconds pass until a condition holds; fails where it does not within `seconds`. */
export function runUntil(post: Post, nodes: readonly Node[], isDone: () => boolean, seconds = 300): void {
  post.settle()
  for (let second = 0; second < seconds && !isDone(); second++) {
    post.advance(1_000)
    for (const node of nodes) node.torrent.onSecond()
    post.settle()
  }
  assert.ok(isDone(), `not done after ${seconds} s`)
}
