import { createClient, type DefaultGroup } from '@headcount/client'
import { docRows } from '@headcount/tools/docs/tables.mjs'
import { counts } from '@headcount/tools/live/expectations.mjs'
import type { Component } from 'svelte'
import { render } from 'svelte/server'
import { expect, test, vi } from 'vitest'
import { HeadcountSvelteError, type HeadcountSvelteErrorCode, setClient, useCounts } from './index.js'

type Arguments = Parameters<typeof useCounts<DefaultGroup>>

/** A component's output on a server, such as "connecting 0 0". */
function rendered(component: () => string): string {
  const compiled = (output: { push(html: string): void }) => output.push(component())
  return render(compiled as unknown as Component, {}).body.replace(/<!--.*?-->/g, '')
}

const show = (...args: Arguments): string => {
  const { status, counts } = useCounts(...args).current
  return `${status} ${counts.users.count} ${counts.viewers.count}`
}

test('on a server the initial counts are rendered, and no topic is created', () => {
  const client = createClient({ url: 'wss://host/socket' })
  const topic = vi.spyOn(client, 'topic')
  const shown = (...args: Arguments) =>
    rendered(() => {
      setClient(client)
      return show(...args)
    })
  expect(shown(() => 'video:1')).toBe('connecting 0 0')
  expect(shown(() => null)).toBe('connecting 0 0')
  const initial = counts(3, 9)
  expect(
    shown(
      () => 'video:1',
      () => ({ initial }),
    ),
  ).toBe('connecting 3 9')
  expect(topic).not.toHaveBeenCalled()
  expect(client.status).toBe('idle')
})

test('a missing client is an error that names it', () => {
  const provocations: Record<HeadcountSvelteErrorCode, true> = { no_client: true }
  expect(docRows('ERRORS.md', 'HeadcountSvelteError').map(([code]) => code)).toEqual(Object.keys(provocations))
  expect(() => rendered(() => show(() => 'video:1'))).toThrow(HeadcountSvelteError)
})
