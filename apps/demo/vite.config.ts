import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** `npm run dev` in this folder serves the page from its sources, with the routes and sockets of `npm start`. */
const target = 'http://localhost:4000'
/** The server accepts pages of its own origin: the proxy sends that origin. */
const server = { target, changeOrigin: true, headers: { origin: target } }

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', reportCompressedSize: false, rolldownOptions: { checks: { pluginTimings: false } } },
  server: { proxy: { '/socket': { ...server, ws: true }, '/demo': server } },
})
