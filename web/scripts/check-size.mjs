// Fails the build when a page grows beyond its budget:
// what a first visit loads ≤ 180 kB brotli, any lazy chunk ≤ 200 kB gzip.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FIRST_ROUTE_BROTLI = 180_000;
const LAZY_GZIP = 200_000;
// The pages where a visit may begin. Each brings its own chunk beside the entry's.
const WORKBENCH = 'src/shell/workbench.tsx';
const FIRST_ROUTES = [
  ['src/session/sign-in.tsx'],
  [WORKBENCH, 'src/home/home-page.tsx'],
  [WORKBENCH, 'src/records/list-page.tsx'],
  [WORKBENCH, 'src/records/record-page.tsx'],
];

const dist = new URL('../dist', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const size = (file, suffix) => statSync(join(dist, file + suffix)).size;

function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const entry = closure('index.html');
const language = closure('src/i18n/zh.ts');
const faults = [];
for (const chunks of FIRST_ROUTES) {
  const route = chunks.at(-1);
  const missing = chunks.filter((chunk) => !manifest[chunk]);
  if (missing.length > 0) {
    faults.push(`${missing} is no longer a chunk of its own; update FIRST_ROUTES`);
    continue;
  }
  const loaded = new Set(['index.html', ...entry, ...language, ...chunks.flatMap((chunk) => [...closure(chunk)])]);
  const total = [...loaded].reduce((sum, file) => sum + size(file, '.br'), 0);
  console.log(`${route.padEnd(32)} ${(total / 1000).toFixed(1).padStart(7)} kB brotli`);
  if (total > FIRST_ROUTE_BROTLI) faults.push(`${route}: ${total} bytes brotli, budget ${FIRST_ROUTE_BROTLI}`);
}
for (const chunk of Object.values(manifest)) {
  if (!chunk.file.endsWith('.js')) continue;
  const bytes = size(chunk.file, '.gz');
  if (bytes > LAZY_GZIP) faults.push(`${chunk.file}: ${bytes} bytes gzip, budget ${LAZY_GZIP}`);
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
