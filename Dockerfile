# One replica of Headcount: `docker build -t headcount .`, then `docker run -p 4000:4000 headcount`. The command `serve`
# and its flags may follow. The demo: `docker build --target demo -t headcount-demo .`, and compose.yaml.
FROM node:24-slim AS build
WORKDIR /app
# Manifests first, so that a change of the sources does not invalidate the install.
COPY package.json package-lock.json .npmrc ./
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/demo/package.json apps/demo/
COPY bench/package.json bench/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/element/package.json packages/element/
COPY packages/headcount/package.json packages/headcount/
COPY packages/protocol/package.json packages/protocol/
COPY packages/react/package.json packages/react/
COPY packages/redis/package.json packages/redis/
COPY packages/redux/package.json packages/redux/
COPY packages/server/package.json packages/server/
COPY packages/svelte/package.json packages/svelte/
COPY packages/testing/package.json packages/testing/
COPY packages/vue/package.json packages/vue/
COPY packages/webhooks/package.json packages/webhooks/
COPY tools/package.json tools/
RUN npm ci
COPY . .
RUN npm run build

FROM build AS demo
ENV NODE_ENV=production HEADCOUNT_HOST=0.0.0.0
USER node
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/healthz').then((r) => process.exit(r.ok ? 0 : 1))"]
ENTRYPOINT ["node", "apps/demo/server/main.mjs"]

FROM node:24-slim AS dependencies
WORKDIR /app
COPY --from=build /app/package.json /app/package-lock.json /app/.npmrc ./
COPY packages/core/package.json packages/core/
COPY packages/headcount/package.json packages/headcount/
COPY packages/protocol/package.json packages/protocol/
COPY packages/redis/package.json packages/redis/
COPY packages/server/package.json packages/server/
COPY packages/testing/package.json packages/testing/
COPY packages/webhooks/package.json packages/webhooks/
# Only what the command needs.
# vitest and fast-check are optional peers, and for development here: omitted by the three flags.
RUN npm install --omit=dev --omit=optional --omit=peer \
  --workspace packages/core --workspace packages/headcount --workspace packages/protocol --workspace packages/redis \
  --workspace packages/server --workspace packages/testing --workspace packages/webhooks

FROM node:24-slim
ENV NODE_ENV=production HEADCOUNT_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/packages/core/dist packages/core/dist
COPY --from=build /app/packages/headcount/bin packages/headcount/bin
COPY --from=build /app/packages/headcount/dist packages/headcount/dist
COPY --from=build /app/packages/protocol/dist packages/protocol/dist
COPY --from=build /app/packages/redis/dist packages/redis/dist
COPY --from=build /app/packages/redis/lua packages/redis/lua
COPY --from=build /app/packages/server/dist packages/server/dist
COPY --from=build /app/packages/testing/dist packages/testing/dist
COPY --from=build /app/packages/webhooks/dist packages/webhooks/dist
USER node
EXPOSE 4000
# It drains: clients reconnect to other replicas. Docker kills it after 10 s unless `--stop-timeout` allows 35.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s --retries=3 \
  CMD ["node", "-e", \
    "fetch(`http://127.0.0.1:${process.env.HEADCOUNT_PORT ?? 4000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1))"]
# A young generation of 32 MB: a sixth less CPU for a join, for 30 MB (docs/decisions/speed.md).
ENTRYPOINT ["node", "--min-semi-space-size=32", "--max-semi-space-size=32", "packages/headcount/bin/headcount.js"]
CMD ["serve"]
