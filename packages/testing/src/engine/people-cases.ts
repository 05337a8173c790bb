import type { PersonKey } from '@headcount/core'
import type { Totals } from '@headcount/protocol'

/** Each person's new group; null: the person leaves. */
export type PeopleChanges = Readonly<Record<PersonKey, number | null>>

/** A change on one replica, and the totals of the cluster after it. */
export type PeopleStep = readonly [replica: string, change: PeopleChanges | 'is removed', totals: Totals]

/**
 * Examples of the rule of people, with two groups: a person counts once, in the lowest group in which some replica has
 * them. Every implementation of the rule must pass all cases.
 */
export const peopleCases: Readonly<Record<string, readonly PeopleStep[]>> = {
  'a person counts in their group, and no longer after leaving': [
    ['a', { ann: 1 }, [0, 1]],
    ['a', { ann: null }, [0, 0]],
  ],
  'a person on several replicas counts once, until the last replica loses them': [
    ['a', { ann: 0 }, [1, 0]],
    ['b', { ann: 0, bob: 0 }, [2, 0]],
    ['c', { ann: 0 }, [2, 0]],
    ['a', { ann: null }, [2, 0]],
    ['c', { ann: null }, [2, 0]],
    ['b', { ann: null }, [1, 0]],
  ],
  'a person in different groups counts in the lowest': [
    ['a', { ann: 1 }, [0, 1]],
    ['b', { ann: 0 }, [1, 0]],
    ['b', { ann: null }, [0, 1]],
    ['b', { ann: 1 }, [0, 1]],
    ['a', { ann: 0 }, [1, 0]],
  ],
  'a person who signs in and out moves between groups': [
    ['a', { ann: 1 }, [0, 1]],
    ['a', { ann: 0 }, [1, 0]],
    ['a', { ann: 1 }, [0, 1]],
  ],
  'a repeated change makes no difference': [
    ['a', { ann: 1 }, [0, 1]],
    ['a', { ann: 1 }, [0, 1]],
    ['a', { ann: null }, [0, 0]],
    ['a', { ann: null }, [0, 0]],
  ],
  'the removal of an unknown person makes no difference': [
    ['a', { ann: 0 }, [1, 0]],
    ['b', { ann: null, bob: null }, [1, 0]],
  ],
  'a person who moves to another replica counts throughout': [
    ['a', { ann: 1 }, [0, 1]],
    ['b', { ann: 1 }, [0, 1]],
    ['a', { ann: null }, [0, 1]],
  ],
  'a removed replica takes away the people that no other replica has, and groups that no other has them in': [
    ['a', { ann: 0, bob: 0, cid: 1 }, [2, 1]],
    ['b', { ann: 1, cid: 1, dan: 1 }, [2, 2]],
    ['a', 'is removed', [0, 3]],
    ['b', 'is removed', [0, 0]],
  ],
}
