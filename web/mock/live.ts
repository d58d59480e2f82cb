import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Change, LogEntry, Open, TopicMessage } from '../src/live/protocol'
import { flows, ratesOf, type World } from './world.ts'

type Frame = { op: 'open'; ch: number } & Open

/** The live socket of the pretended platform. */
export function liveServer(world: World) {
  const server = new WebSocketServer({ noServer: true })
  server.on('connection', (socket) => serve(world, socket))
  return {
    upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request)),
    /** Cuts every connection. */
    cut: () => server.clients.forEach((client) => client.terminate()),
  }
}

function serve(world: World, socket: WebSocket): void {
  const ends = new Map<number, () => void>()
  const send = (frame: object) => socket.send(JSON.stringify(frame))
  const ping = setInterval(() => send({ op: 'ping' }), 15_000)
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Frame | { op: 'close'; ch: number }
    ends.get(frame.ch)?.()
    if (frame.op === 'open') ends.set(frame.ch, open(world, frame, (rest) => send({ ch: frame.ch, ...rest })))
  })
  socket.on('close', () => {
    clearInterval(ping)
    for (const end of ends.values()) end()
  })
}

type Send = (frame: object) => void

function open(world: World, frame: Frame, send: Send): () => void {
  switch (frame.kind) {
    case 'changes':
      return changes(world, frame.workspaceId, send)
    case 'rates':
      return every(1_000, send, () => ({ op: 'event', data: ratesOf(world, frame.workspaceId) }))
    case 'logs':
      return frame.source === 'build' ? buildLog(send) : runLog(world, frame, send)
    case 'messages':
      return messages(world, frame.workspaceId, frame.topic, send)
  }
}

function every(ms: number, send: Send, next: () => object | undefined): () => void {
  send({ op: 'opened' })
  const tick = () => {
    const frame = next()
    if (frame) send(frame)
  }
  tick()
  const timer = setInterval(tick, ms)
  return () => clearInterval(timer)
}

function changes(world: World, workspaceId: string, send: Send): () => void {
  send({ op: 'opened', cursor: String(world.seq.get(workspaceId) ?? 0) })
  const listener = (change: Change) => {
    if (change.workspaceId === workspaceId) send({ op: 'event', cursor: String(change.seq), data: change })
  }
  world.listeners.add(listener)
  return () => void world.listeners.delete(listener)
}

const LINES: [LogEntry['stream'], string][] = [
  ['out', '[INFO] [quixstreams] : Kafka topics validation complete'],
  ['out', '[INFO] [quixstreams] : Initializing state directory at "/app/state"'],
  ['out', '[INFO] [quixstreams] : Waiting for incoming messages'],
  ['out', '{"machine": "node-1", "cpu": 12.4, "memory": 41.9, "disk": 63.0}'],
  ['out', '{"machine": "node-1", "cpu": 14.1, "memory": 41.9, "disk": 63.0}'],
  ['err', '[WARNING] [machine_averages] : late reading of node-1, 2.3 s behind the window'],
]

function entry(at: number, i: number, replica: number): LogEntry {
  const [stream, text] = (i < 3 ? LINES[i] : LINES[3 + (i % 11 === 0 ? 2 : i % 2)]) ?? ['out', '']
  return { replica, version: 1, attempt: 1, time: new Date(at).toISOString(), stream, ...(text.startsWith('[') && { level: text.startsWith('[WARNING') ? ('warning' as const) : ('info' as const) }), text }
}

function runLog(world: World, { deploymentId: id, replica: only }: Extract<Open, { kind: 'logs' }>, send: Send): () => void {
  const deployment = world.deployments.get(id)
  if (!deployment) {
    send({ op: 'error', error: { code: 'not-found', message: `There is no deployment '${id}'.`, requestId: 'mock' } })
    return () => undefined
  }
  send({ op: 'opened', cursor: '0' })
  let i = 0
  const first: LogEntry = { replica: only ?? 0, version: 1, attempt: 1, time: new Date(Date.now() - 61_000).toISOString(), stream: 'platform', text: 'started with pid 41873' }
  const of = (at: number, n: number) => entry(at, i++, only ?? n % Math.max(1, deployment.replicas))
  const past = Array.from({ length: 60 }, (_, n) => of(Date.now() - (60 - n) * 1_000, n))
  send({ op: 'event', cursor: '60', data: { entries: [first, ...past] } })
  const timer = setInterval(() => {
    if (world.deployments.get(id)?.status !== 'Running') return
    send({ op: 'event', cursor: String(i), data: { entries: [of(Date.now(), i)] } })
  }, 700)
  return () => clearInterval(timer)
}

function buildLog(send: Send): () => void {
  const texts = ['resolving: no environment for these requirements yet', 'installing: uv venv --python 3.11', 'installing: quixstreams==3.23.1', 'copying 6 files of 9f3c1e7', 'ready in 1.8 s']
  const entries = texts.map((text, i) => ({ time: new Date(Date.now() - (5 - i) * 400).toISOString(), stream: i === 1 || i === 2 ? 'out' : 'platform', text }))
  send({ op: 'opened', cursor: '0' })
  send({ op: 'event', cursor: '1', data: { entries } })
  return () => undefined
}

function messages(world: World, workspaceId: string, name: string, send: Send): () => void {
  const topic = world.topics.get(`${workspaceId}-${name}`)
  if (!topic) {
    send({ op: 'error', error: { code: 'not-found', message: `There is no topic '${name}'.`, requestId: 'mock' } })
    return () => undefined
  }
  const record = (offset: number): TopicMessage => {
    const value = { machine: 'node-1', cpu: 10 + (offset % 13), memory: { used: 41.9, free: 58.1 }, tags: ['rack-2', 'linux'], at: Date.now() }
    return {
      partition: 0,
      offset,
      time: new Date().toISOString(),
      key: { text: 'node-1' },
      value: offset % 17 === 0 ? null : offset % 11 === 0 ? { base64: 'AAECA/8QIDBBQkM=' } : { json: value },
      headers: [
        ['content-type', { text: 'application/json' }],
        ['source', { text: `gateway-${offset % 4}` }],
      ],
      size: 96 + (offset % 20),
    }
  }
  let offset = 4_100
  send({ op: 'opened', cursor: '4100' })
  const wanted = world.traffic.get(topic.id)?.records ?? 0
  const busy = wanted > 50
  // As much as the real channel carries: 50 records, ten times a second; the rest is counted.
  const flood = wanted > 2_000
  if (world.traffic.get(topic.id)?.records) send({ op: 'event', cursor: '4120', data: { records: Array.from({ length: 20 }, () => record(offset++)), skipped: 0 } })
  const timer = setInterval(() => {
    if (!flows(world, topic) || !world.traffic.get(topic.id)?.records) return
    const records = Array.from({ length: flood ? 50 : busy ? 10 : 1 }, () => record(offset++))
    const skipped = flood ? wanted / 10 - 50 : busy ? 140 : 0
    offset += skipped
    send({ op: 'event', cursor: String(offset), data: { records, skipped } })
  }, flood ? 100 : busy ? 200 : 600)
  return () => clearInterval(timer)
}
