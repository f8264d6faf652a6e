import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The server sends a content security policy without inline script, style or data: addresses, so nothing may be inlined.
export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { '/api': process.env.CROSSFACE_URL ?? 'http://127.0.0.1:8080' } },
});
