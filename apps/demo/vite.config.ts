import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `npm run dev` finds a running `headcount serve --demo`. */
const target = 'http://localhost:4000'
/** The server answers pages of its own host only: the proxy speaks as that host. */
const toServer = { target, changeOrigin: true, headers: { origin: target } }

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../../packages/server/demo',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/socket': { ...toServer, ws: true },
      '/api': toServer,
      '/demo': toServer,
    },
  },
})
