/**
 * What each act costs, as measured on 2026-11-24 on two cores of an AMD EPYC that others used too: medians of two to
 * six runs, whose highest CPU is up to twice the lowest. CPU is in µs, memory and bandwidth in bytes. `npm run bench -- simulate measure` measures those of
 * "measure" again, and `--from` takes the others out of results of the benchmark.
 *
 * @typedef {typeof units} Units
 */
export const units = {
  // A replica. "handshake": CPU for each join, connection, reply, state and the diff that it causes among them.
  join: 313,
  joinBytes: 355,
  // measure: six thousand clients, each alone in a topic, go at once.
  leave: 78,
  // "fanout": CPU for each frame told to 9,900 clients of one topic.
  frame: 12.3,
  // measure: a topic of ten is told, in one turn with nineteen others, without its frames. In a turn of its own it was 250 to 280: then it
  // is the turn of an idle process that costs, so at a low load a server spends more than is simulated.
  flush: 47,
  // measure: two hundred clients, a heartbeat each, answered before the next.
  heartbeat: 19,
  heartbeatBytes: 64,
  // "idle": bytes of RSS for each joined socket, topics of a hundred. measure: where each has a topic of its own; and with none.
  socketMemory: 1922,
  socketAndTopic: 5220,
  base: 104e6,
  // Sizes of the objects that the kernel keeps for a TCP socket, its file and its place in epoll: /proc/slabinfo.
  kernelMemory: 3900,

  // A replica's part in the cluster. measure: an engine in the measuring process, over a real Redis.
  replicaCall: 283,
  replicaTopic: 8.5,
  replicaMessage: 1.6,
  replicaWatch: 80,
  // What its engine keeps of a topic.
  replicaTopicMemory: 1950,

  // Redis. measure: the same, from Redis's own process; a lease is each other replica's, where all are looked at.
  redisCall: 81,
  redisTopic: 27,
  redisLease: 1.55,
  redisMessage: 6,
  redisWatch: 14,
  redisCallBytes: 300,
  redisTopicBytes: 170,
  redisMessageBytes: 89,
  redisWatchBytes: 198,
  // A topic on one replica (a row, a subscription), and each further replica of it.
  redisTopicMemory: 626,
  redisRowMemory: 330,
  // PING and its answer: RESP.
  redisPing: 5,
  redisPingBytes: 21,
}
