import type { Answer, Busiest, BusiestQuery, Engine, ReplicaId, ReplicaView, Topic } from '@headcount/core'
import type { ReplicaStatus, Standings } from '../http/operator-source.js'

/** What one replica has and shows of a topic. */
export interface TopicAnswer extends ReplicaView {
  readonly sockets: Standings
}

/** What replicas ask each other, and what the answer is. Both are sent as JSON. */
export interface Answers {
  topic(topic: Topic): TopicAnswer
  busiest(query: BusiestQuery): Busiest
  status(query: null): ReplicaStatus
}

export type QuestionName = keyof Answers

/** The format of questions and answers. During a deploy, a replica of another one does not answer. */
const format = 1

/** How long, in ms, replicas may take to answer. */
const within = 1_000

export function questionText<N extends QuestionName>(name: N, query: Parameters<Answers[N]>[0]): string {
  return JSON.stringify({ format, name, query })
}

/** The answer to the question of another replica, as a text; empty where it is none that this one knows. */
export function answerText(answers: Answers, question: string): string {
  const { format: asked, name, query } = JSON.parse(question) as { format: number; name: QuestionName; query: never }
  if (asked !== format || !Object.hasOwn(answers, name)) return ''
  return JSON.stringify({ format, answer: answers[name](query) })
}

/** The answers of all other replicas that came in time. Without the capability of an engine there are no others. */
export async function askOthers<N extends QuestionName>(
  { replicas }: Pick<Engine, 'replicas'>,
  name: N,
  query: Parameters<Answers[N]>[0],
): Promise<Map<ReplicaId, ReturnType<Answers[N]>>> {
  const answers = (await replicas?.ask(questionText(name, query), within)) ?? []
  return new Map(answers.flatMap((answer) => parse<ReturnType<Answers[N]>>(answer)))
}

function parse<T>({ replica, text }: Answer): [ReplicaId, T][] {
  try {
    const { format: given, answer } = JSON.parse(text) as { format: number; answer: T }
    return given === format ? [[replica, answer]] : []
  } catch {
    return []
  }
}
