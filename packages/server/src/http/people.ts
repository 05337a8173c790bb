import type { DemoOptions } from './demo.js'

const manners =
  'Amber Brisk Calm Clever Dapper Early Gentle Golden Hazel Humble Keen Lively Mellow Misty Noble Quiet'
const animals =
  'Badger Bison Crane Curlew Dingo Egret Falcon Gecko Heron Ibis Lynx Marten Otter Plover Tapir Wombat'

/**
 * Signs demo people in. The same name is the same person; where none is asked for, one is made up that hardly anybody
 * else has.
 * @param sign gives a short-lived token for a user's id.
 */
export function demoPeople(
  sign: (user: string) => Promise<string>,
  random: () => number,
): DemoOptions['signIn'] {
  const oneOf = (words: string) => {
    const list = words.split(' ')
    return list[Math.floor(random() * list.length)]!
  }
  return async (given) => {
    const name = given ?? `${oneOf(manners)} ${oneOf(animals)} ${100 + Math.floor(random() * 900)}`
    return { token: await sign(`demo:${name}`), name }
  }
}
