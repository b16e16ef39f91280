import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The server compares Origin with Host before it lets a cookie change anything: the browser's Host must reach it.
const proxy = { '/api': { target: process.env.HUIKE_URL ?? 'http://127.0.0.1:8420', changeOrigin: false } };

/**
 * Names the chunks that every signed-in visit needs in the page's head, so that the browser asks for them while it still
 * reads the entry. What only one page needs is asked for by src/main.tsx.
 */
function preloadWorkbench(): Plugin {
  return {
    name: 'preload-workbench',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).flatMap((one) => (one.type === 'chunk' ? [one] : []));
        const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const wanted = new Set<string>();
        const visit = (file: string) => {
          if (wanted.has(file)) return;
          wanted.add(file);
          byFile.get(file)?.imports.forEach(visit);
        };
        for (const chunk of chunks)
          if (chunk.facadeModuleId?.endsWith('/src/shell/workbench.tsx')) visit(chunk.fileName);
        return [...wanted]
          .filter((file) => !html.includes(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
            injectTo: 'head',
          }));
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), preloadWorkbench()],
  // The handbook stands beside the sources, in docs/.
  server: { proxy, fs: { allow: ['..'] } },
  preview: { proxy },
  build: {
    target: 'es2022',
    manifest: true,
    // A strict CSP forbids data: URLs for scripts and fonts; small assets stay files.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'tanstack', test: /node_modules[\\/]@tanstack[\\/](?!.*(table|virtual))/ },
            { name: 'table', test: /node_modules[\\/]@tanstack[\\/].*(table|virtual)/ },
            // Icons that many pages share: a file of its own for each weighs half as much again, and is a request.
            { name: 'icons', test: /node_modules[\\/]lucide-react[\\/]/, minShareCount: 4 },
            { name: 'forms', test: /node_modules[\\/]react-hook-form[\\/]/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
  },
});
