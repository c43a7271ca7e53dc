import { describe, expect, test } from 'bun:test'
import { Hearers } from '../../src/io/hearers.ts'
import { type Line, Stream } from '../../src/io/stream.ts'
import type { Topics } from '../../src/io/topics.ts'

class Exchange implements Topics {
  readonly told: [string, string | Uint8Array][] = []
  readonly joined = new Set<string>()

  publish(topic: string, message: string | Uint8Array): void {
    this.told.push([topic, message])
  }
  hearers(): number {
    return this.joined.size
  }
  /** @param name null for a poll, which hears no topics */
  line(name: string | null): Line {
    const silent = { write() {}, isReady: () => true, flush() {}, close() {} }
    if (name === null) return silent
    const join = (topic: string) => void this.joined.add(`${name} ${topic}`)
    const leave = (topic: string) => void this.joined.delete(`${name} ${topic}`)
    return { ...silent, topics: { join, leave } }
  }
}

function page(): Stream {
  return new Stream('s', [{ name: 'lanes', isHeard: true, make: () => null }])
}

describe('who hears a topic by themselves', () => {
  test('hears what is told until let off, and is missing before and after', () => {
    const exchange = new Exchange()
    const hearers = new Hearers('lanes', exchange)
    const [one, other] = [page(), page()]
    expect([...hearers.missing([one, other])]).toEqual([one, other])
    hearers.add(one, exchange.line('one'))
    expect([...hearers.missing([one, other])]).toEqual([other])
    hearers.tell('news')
    expect(exchange.told).toEqual([['lanes', 'news']])
    hearers.remove(one)
    expect([...hearers.missing([one, other])]).toEqual([one, other])
    expect([exchange.joined.size, hearers.isEmpty]).toEqual([0, true])
  })

  test('with another socket hears on that one; with a poll it is missing again', () => {
    const exchange = new Exchange()
    const hearers = new Hearers('lanes', exchange)
    const stream = page()
    hearers.add(stream, exchange.line('first'))
    hearers.add(stream, exchange.line('second'))
    expect([...exchange.joined]).toContain('second lanes')
    expect([...hearers.missing([stream])]).toEqual([])
    hearers.add(stream, exchange.line(null))
    expect([...hearers.missing([stream])]).toEqual([stream])
  })
})
