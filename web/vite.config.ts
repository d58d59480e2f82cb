import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { mockPlatform } from './mock/plugin.ts'

/** Where `npm run dev` finds a running platform. */
const platform = process.env.HEADWATER_URL ?? 'http://127.0.0.1:8000'

export default defineConfig(({ mode }) => ({
  base: '/app/',
  plugins: [react(), tailwindcss(), mode === 'mock' ? mockPlatform() : undefined],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // Data URLs would need a wider content security policy than 'self'.
    assetsInlineLimit: 0,
    manifest: true,
    // What the first screen needs travels in one piece: it compresses better than forty small ones.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: /src\/(main|features\/shell\/shell|routes\/pipeline)\.tsx$/ }] } } },
  },
  server: {
    // A browser asks for pages under /app/ only; everything else is the platform's, which answers its own pages alone.
    proxy: mode === 'mock' ? undefined : { '^/(?!app/)': { target: platform, ws: true, changeOrigin: true, headers: { origin: platform } } },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.{ts,tsx}'],
    setupFiles: ['./tests/setup.ts'],
    restoreMocks: true,
    // Whole pages are drawn, on machines that do other things too.
    testTimeout: 30_000,
  },
}))
