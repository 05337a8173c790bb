import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runHeadcount } from '@headcount/tools/processes/server.mjs'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Service } from 'kubernetes-models/v1/Service'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { testFolder } from '../support/test-folder.js'

const folder = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url))
const models = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceMonitor,
}

const { resources } = parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] }
// biome-ignore lint/suspicious/noExplicitAny: what the files hold is what the tests are about
const manifests: any[] = (
  await Promise.all(
    resources.map(async (file) =>
      parseAllDocuments(await readFile(join(folder, file), 'utf8')).map((one) => one.toJS()),
    ),
  )
).flat()
const the = (kind: string) => manifests.find((manifest) => manifest.kind === kind)
const pod = the('Deployment').spec.template
const [container] = pod.spec.containers

test('kustomization.yaml lists every manifest', async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  expect(new Set(resources)).toEqual(new Set(files))
})

test.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest]))(
  'the %s %s is valid by its schema',
  (kind, _name, manifest) => {
    const Model = models[kind as keyof typeof models]
    new Model(manifest).validate()
    expect(() => new Model({ ...manifest, spec: 7, data: 7 } as never).validate()).toThrow()
  },
)

test('selectors and ports lead to the pod', () => {
  const { labels } = pod.metadata
  const ports: string[] = container.ports.map(({ name }: { name: string }) => name)
  expect(the('Deployment').spec.selector.matchLabels).toEqual(labels)
  expect(the('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels)
  expect(the('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels)
  const services = manifests.filter(({ kind }) => kind === 'Service')
  for (const { spec } of services) {
    expect(spec.selector).toEqual(labels)
    expect(ports).toContain(spec.ports[0].targetPort)
  }
  const monitored = services.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'operator')
  expect(monitored[0].metadata.labels).toEqual(the('ServiceMonitor').spec.selector.matchLabels)
  expect(the('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe(the('Deployment').metadata.name)
})

test('the settings are valid, and fit the ports, the limits and the grace period', async () => {
  const name = 'headcount.config.json'
  const config = join(testFolder({ [name]: the('ConfigMap').data[name] }), name)
  const variables = container.env.map(({ name, value }: { name: string; value: string }) => [name, value])
  const env = { ...Object.fromEntries(variables), HEADCOUNT_CONFIG: config }
  const child = runHeadcount(['config', '--json'], { env })
  expect(await child.exited).toEqual({ code: 0, signal: null })
  const settings = JSON.parse(child.output)
  const settingOf = (name: string): number => JSON.parse(settings[name].value)
  expect(container.ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([
    settingOf('port'),
    settingOf('operatorPort'),
  ])
  const [{ pods }] = the('HorizontalPodAutoscaler').spec.metrics
  expect(Number(pods.target.averageValue)).toBeLessThan(0.7 * settingOf('limits.sockets'))
  // The longest drainOver, and the further time that the command allows.
  const drain = settingOf('drainDelay') / 1000 + 20 + 8
  const { preStop } = container.lifecycle
  expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop.sleep.seconds + drain)
})

test('the container has no rights that it does not need', () => {
  expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  expect(pod.spec.automountServiceAccountToken).toBe(false)
  expect(container.securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  })
})
