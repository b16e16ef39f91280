# make run    builds everything and serves the demo company at http://127.0.0.1:8420
# make test   every test: Rust on SQLite and PostgreSQL, the pages, and the whole in a real browser
# make bench  the budgets, measured at a million customers (CUSTOMERS=100000 for fewer)
# make dev    the server and Vite, for working on the pages
# make build  the binary with its pages

.PHONY: run test bench dev build web need lint rust browser
.DEFAULT_GOAL := run

TARGET := $(or $(CARGO_TARGET_DIR),target)

run: build
	$(TARGET)/release/huike serve --demo --data data-demo --listen 127.0.0.1:8420

build: web
	cargo build --release --locked --bin huike

# npm writes this file when it has installed what package-lock.json says. Not `npm ci`: that refuses a lock without the
# optional packages of every other platform, and not every mirror has all of them.
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm install --no-save
	@touch $@

web: web/node_modules/.package-lock.json
	cd web && npm run build

test: need lint rust browser

need:
	@.ci/need

lint: web
	cd web && npm run check && npm test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo xtask layers

rust: web
	cargo xtask pg run -- cargo nextest run --workspace --locked --no-fail-fast

# The pages against the real binary; `web` before it, so that the binary has them inside.
browser: web
	cargo build --locked --bin huike
	cargo xtask served $(TARGET)/debug/huike -- .ci/e2e

# The budgets, measured beside the bare database; `make bench CUSTOMERS=100000` for a smaller company.
bench: build
	$(TARGET)/release/huike bench --customers $(or $(CUSTOMERS),1000000) --data bench-data

dev: web/node_modules/.package-lock.json
	@trap 'kill 0' EXIT INT TERM; \
	cargo run --bin huike -- serve --demo --data data-dev & \
	(cd web && npm run dev) & \
	wait
