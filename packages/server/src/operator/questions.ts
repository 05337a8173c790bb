import type { Busiest, BusiestQuery, ReplicaId, ReplicaRequests, ReplicaView, Topic } from '@headcount/core'
import type { ChannelsByStatus, ReplicaStatus } from '../http/operator-source.js'
import { isAnswer } from './answer-checks.js'

/** What one replica has and shows of a topic. */
export interface TopicAnswer extends ReplicaView {
  readonly sockets: ChannelsByStatus
}

/** What replicas ask each other, and what the answer is. Anyone who can reach the engine may ask. */
export interface Answers {
  topic(topic: Topic): TopicAnswer
  busiest(query: BusiestQuery): Busiest
  status(query: null): ReplicaStatus
  /** A short hash of the secret that keys people. Undefined if the replica counts no people: then it is left out. */
  secret(query: null): string | undefined
}

type QuestionName = keyof Answers

/** How long, in ms, replicas may take to answer. */
const timeout = 1_000

/** Answers the questions of other replicas from now on. */
export function answerOthers(requests: ReplicaRequests, answers: Answers): void {
  for (const name of Object.keys(answers) as QuestionName[]) {
    requests.handle(name, (query) => answers[name](query as never))
  }
}

/** The answers that came in time, and that can be used. */
export async function askOthers<N extends QuestionName>(
  requests: ReplicaRequests,
  others: readonly ReplicaId[],
  name: N,
  query: Parameters<Answers[N]>[0],
): Promise<Map<ReplicaId, ReturnType<Answers[N]>>> {
  const answers = new Map<ReplicaId, ReturnType<Answers[N]>>()
  const ask = async (replica: ReplicaId): Promise<void> => {
    const answer = await requests.ask(replica, name, query, { timeout })
    if (isAnswer[name](answer)) answers.set(replica, answer as ReturnType<Answers[N]>)
  }
  await Promise.all(others.map(ask))
  return answers
}
