import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The folders of `packages/*`, or of `bench`. */
const foldersOf = (pattern: string): string[] =>
  pattern.endsWith('/*')
    ? readdirSync(`${root}/${pattern.slice(0, -2)}`).map((name) => pattern.replace('*', name))
    : [pattern]

test('the image has the manifest of every workspace before it installs', () => {
  const { workspaces } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { workspaces: string[] }
  const [beforeInstall = ''] = readFileSync(`${root}/Dockerfile`, 'utf8').split('RUN npm ci')
  const isMissing = (folder: string): boolean => !beforeInstall.includes(`COPY ${folder}/package.json ${folder}/\n`)
  expect(workspaces.flatMap(foldersOf).filter(isMissing)).toEqual([])
})
