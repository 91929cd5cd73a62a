# Two commands matter: `make listen` and `make test`. Each sets up what it needs on a
# fresh Debian or Raspberry Pi OS: system packages through apt, Python ones in .venv.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=

# Where the service lives; the unit names the same places.
UNIT     := genre-listen.service
PREFIX   := /opt/genre-listen
SETTINGS := /etc/genre-listen

# The same for one user of a desktop.
USER_PREFIX   := $(HOME)/.local/share/genre-listen
USER_SETTINGS := $(HOME)/.config/genre-listen
USER_UNIT     := $(HOME)/.config/systemd/user/$(UNIT)

# A Python that runs: a shim of pyenv is there for versions that are not chosen, too.
HA_PYTHON ?= $(shell for p in python3.13 $$HOME/.pyenv/versions/3.13*/bin/python; do \
    $$p -c '' 2>/dev/null && command -v $$p && break; done)

# What the daemon needs from the system, and what the tests need besides.
LISTEN_PACKAGES := libportaudio2 ffmpeg
TEST_PACKAGES   := $(LISTEN_PACKAGES) mosquitto mosquitto-clients iproute2 openssl pulseaudio \
                   pulseaudio-utils libasound2-plugins tmux procps strace

# How the shipped model is made, by `make bundle`.
ARRAYS  = $(DATA)/gtzan_logmel_trainvalid.npz
LICENCE = --licence "research use; the recordings are copyrighted"
# Without what it asks for: only its weights are used.
MUSICNN = musicnn==0.1.0
EXPORT  = --tuning-steps 2000 --notes train/notes/gtzan.txt --held-out runs/folds/held-out.npz

.DEFAULT_GOAL := help
.PHONY: help root bundle embeddings imitation no-root install-service uninstall-service install-user-service uninstall-user-service listen test test-ha test-pythons test-tflite-runtime test-trixie arm64 package resolve bench fleet soak chaos fuzz lint format lock clean listen-system test-system

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 32

listen: listen-system $(VENV)/.listen ## Listen to this room: microphone (or a demo), broker, display
	@$(BIN)/genre-daemon run --or-demo --display $(ARGS)

# Tests that start programs come first, one after the other; whoever is free does the rest.
JOBS ?= 2

test: test-system $(VENV)/.test ## Run all tests, JOBS=2 at a time
	$(BIN)/python -m pytest -n $(JOBS) --no-loadscope-reorder $(ARGS)

bench: test-system $(VENV)/.test ## Measure what it costs to listen (DATA=folder: against YAMNet)
	@$(BIN)/python -m benchmarks.bench $(if $(DATA),--data $(DATA)) $(ARGS)

NODES ?= 50 200 400 800

fleet: test-system $(VENV)/.test ## Simulate NODES="50 200 400 800" on one broker (minutes)
	@$(BIN)/python -m benchmarks.fleet --nodes $(NODES) $(ARGS)

# Proofs that it can run for a year: see docs/reliability.md.
HOURS   ?= 1
DAYS    ?=
MINUTES ?= 20
SECONDS ?= 60
SEED    ?=

soak: test-system $(VENV)/.test ## Hear music for HOURS=1 and not change (DAYS=7: compressed)
	@$(BIN)/python -m tests.proof.$(if $(DAYS),compressed --days $(DAYS),soak --hours $(HOURS))

chaos: test-system $(VENV)/.test ## Break all it needs for MINUTES=20, SEED=n
	@$(BIN)/python -m tests.proof.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

fuzz: $(VENV)/.test ## Feed it bad input, SECONDS=60 a kind, SEED=n
	@$(BIN)/python -m tests.proof.fuzz.fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bundle: $(VENV)/.test embeddings imitation ## Make the shipped model from DATA=folder (three hours)
	$(BIN)/genre-train fit $(ARRAYS) --out runs/compact --background $(DATA) \
	    --embeddings runs/embeddings.npz --imitation runs/imitation --room 0.5 \
	    --no-music-margin 1.0 $(LICENCE)
	$(BIN)/genre-train refit runs/compact --out runs/compact-all \
	    --imitation runs/imitation-all
	$(BIN)/genre-train cross-validate runs/compact --out runs/folds
	$(BIN)/genre-export build runs/compact --out runs/twin.tflite $(EXPORT) \
	    --conditions $(DATA)
	$(BIN)/genre-train fit-smoothing runs/folds/fold-*/compact --into runs/twin.tflite \
	    --data $(DATA)/gtzan_clips --playlists 4 --others $(DATA)/music_speech/speech \
	    --others $(DATA)/esc10 --keep-threshold
	$(BIN)/genre-train cross-validate runs/compact --sides --out runs/sides
	$(BIN)/genre-train evaluate runs/sides/fold-*/compact --conditions $(DATA) \
	    --into runs/twin.tflite
	$(BIN)/genre-export build runs/compact-all --out runs/genre-listen.tflite $(EXPORT) \
	    --twin runs/twin.tflite

embeddings: $(VENV)/.test
	@[ -n "$(DATA)" ] || { echo "say where the data are, as DATA=folder" >&2; exit 2; }
	@mkdir -p runs
	@[ -e runs/embeddings.npz ] || \
	    $(BIN)/genre-train embed $(DATA) $(ARRAYS) --out runs/embeddings.npz

imitation: $(VENV)/.test
	@[ -n "$(DATA)" ] || { echo "say where the data are, as DATA=folder" >&2; exit 2; }
	@[ -e runs/imitation/model.keras ] || \
	    $(BIN)/genre-train imitate $(DATA) --out runs/imitation --cache runs/heard
	@[ -e runs/imitation-all/model.keras ] || \
	    $(BIN)/genre-train imitate $(DATA) --out runs/imitation-all --everything \
	    --cache runs/heard

test-ha: test-system $(VENV)/.test ## Ask a real Home Assistant (needs Python 3.13)
	@if [ -z "$(HA_PYTHON)" ]; then \
	    echo "skipped: no Python 3.13 was found (set HA_PYTHON)"; \
	else \
	    $(MAKE) --no-print-directory .venv-ha/.ready && \
	    GENRE_LISTEN_HA_PYTHON=$(CURDIR)/.venv-ha/bin/python \
	        $(BIN)/python -m pytest tests/home_assistant $(ARGS); \
	fi

# Proofs that it runs elsewhere: see docs/portability.md. DATA=folder has real music.
export DATA
MUSIC = $(if $(DATA),--music $(wildcard $(DATA)/demo/*.ogg $(DATA)/gtzan_clips/*/*.flac))

test-pythons: test-system $(VENV)/.test ## Run the tests in Python 3.11, 3.12 and 3.13
	@tests/portability/pythons.sh

# Its way with garbage is to crash: it does not verify a model that is given as bytes.
# It rounds otherwise: a recording that wavers between two genres may be given the other.
test-tflite-runtime: $(VENV)/.test .venv-tflite/.ready ## Ask the older runtime the same
	.venv-tflite/bin/python -m pytest -q tests/daemon/inference --deselect \
	    tests/daemon/inference/test_bundle.py::test_runtime_refuses_garbage_in_a_sentence
	$(BIN)/python -m pytest -q tests/portability/test_runtimes.py
	@$(BIN)/python -m tests.portability.verdicts .venv-tflite/bin/python \
	    --tolerance 0.1 --other-genres 1 $(MUSIC)

test-trixie: ## Install and test in a fresh Debian 13 (as root)
	@tests/portability/trixie.sh

arm64: $(VENV)/.test ## Run as on a 64-bit Pi, in an emulator; estimate its load (as root)
	@tests/portability/aarch64.sh

package: $(VENV)/.test ## Build wheel and sdist, install and run each far from here
	@tests/packaging/clean.sh

resolve: $(VENV)/.test ## Ask for wheels of all that is pinned, for every Python and machine
	@tests/portability/resolve.sh

lint: $(VENV)/.test ## Style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## Lay out the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: $(VENV)/.test ## Resolve all dependencies anew, for every Python and machine
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal \
	    --no-emit-index-url --no-header --no-annotate --upgrade \
	    --output-file requirements.lock

install-service: root listen-system ## Listen now and at every boot (as root)
	@echo "installing into $(PREFIX) ..."
	@$(PYTHON) -m venv $(PREFIX)
	@$(PREFIX)/bin/pip install --quiet --upgrade 'pip>=25.1'
	@$(PREFIX)/bin/pip install --quiet --constraint requirements.lock '.[plot]'
	@install -D -m 644 systemd/$(UNIT) /etc/systemd/system/$(UNIT)
	@[ -e $(SETTINGS)/config.toml ] || \
	    install -D -m 644 systemd/config.toml $(SETTINGS)/config.toml
	@ln -sf $(PREFIX)/bin/genre-daemon $(PREFIX)/bin/genre-listen /usr/local/bin/
	@systemctl daemon-reload
	@systemctl enable --quiet $(UNIT)
	@# Started means that audio flows, which may take until there is a microphone.
	@systemctl restart --no-block $(UNIT)
	@echo "settings: $(SETTINGS)/config.toml, then: systemctl reload genre-listen"
	@echo "watch it: systemctl status genre-listen; journalctl -fu genre-listen"

uninstall-service: root ## Remove the service with its settings and history (as root)
	@systemctl disable --quiet --now $(UNIT) || true
	@rm -f /etc/systemd/system/$(UNIT)
	@rm -f /usr/local/bin/genre-daemon /usr/local/bin/genre-listen
	@rm -rf $(PREFIX) $(SETTINGS) /var/lib/genre-listen /var/lib/private/genre-listen
	@systemctl daemon-reload
	@echo "genre-listen is gone from this system"

install-user-service: no-root listen-system ## Listen in this desktop session, now and at every login
	@echo "installing into $(USER_PREFIX) ..."
	@$(PYTHON) -m venv $(USER_PREFIX)/venv
	@$(USER_PREFIX)/venv/bin/pip install --quiet --upgrade 'pip>=25.1'
	@$(USER_PREFIX)/venv/bin/pip install --quiet --constraint requirements.lock '.[plot]'
	@install -D -m 644 systemd/user/$(UNIT) $(USER_UNIT)
	@[ -e $(USER_SETTINGS)/config.toml ] || \
	    install -D -m 600 systemd/config.toml $(USER_SETTINGS)/config.toml
	@systemctl --user daemon-reload
	@systemctl --user enable --quiet $(UNIT)
	@systemctl --user restart --no-block $(UNIT)
	@echo "settings: $(USER_SETTINGS)/config.toml, then: systemctl --user reload genre-listen"
	@echo "watch it: systemctl --user status genre-listen; journalctl --user -fu genre-listen"

uninstall-user-service: no-root ## Remove that service with its settings and history
	@systemctl --user disable --quiet --now $(UNIT) || true
	@rm -f $(USER_UNIT)
	@rm -rf $(USER_PREFIX) $(USER_SETTINGS) $(HOME)/.local/state/genre-listen
	@systemctl --user daemon-reload
	@echo "genre-listen is gone from this account"

clean: ## Remove everything that the other commands made
	rm -rf $(VENV) .venv-* cache/debian dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- set-up -----------------------------------------------------------------

root:
	@[ "$$(id -u)" = 0 ] || { echo "run it as root: sudo make $(MAKECMDGOALS)" >&2; exit 1; }

no-root:
	@[ "$$(id -u)" != 0 ] || { echo "run it as the user who is to listen, not as root" >&2; exit 1; }

listen-system:
	@$(call need,$(LISTEN_PACKAGES))

test-system:
	@$(call need,$(TEST_PACKAGES))

# Install those packages that dpkg does not know; ask for root only if there are any.
define need
missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null \
    | grep -q 'ok installed' || echo $$p; done); \
[ -z "$$missing" ] && exit 0; \
command -v apt-get >/dev/null || { \
    echo "please install, with your system's package manager:" $$missing >&2; exit 1; }; \
root=; [ "$$(id -u)" = 0 ] || root=sudo; \
echo "installing system packages:" $$missing; \
$$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null
endef

$(BIN)/pip:
	@$(PYTHON) -m venv $(VENV) || { \
	    echo "python3-venv is missing: sudo apt install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --upgrade 'pip>=25.1'

.venv-ha/.ready: tests/home_assistant/requirements.txt
	@echo "installing Home Assistant (some minutes) ..."
	@$(HA_PYTHON) -m venv .venv-ha && .venv-ha/bin/pip install --quiet -r $<
	@touch $@

.venv-tflite/.ready: pyproject.toml tests/portability/tflite-runtime.txt | $(VENV)/.test
	@echo "installing tflite-runtime (Python 3.11, numpy 1) ..."
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv venv --quiet --clear --python 3.11 .venv-tflite
	@$(BIN)/uv pip install --quiet --python .venv-tflite/bin/python \
	    --overrides tests/portability/tflite-runtime.txt --editable '.[plot]' \
	    tflite-runtime==2.14.0 hypothesis pytest
	@touch $@

# An editable install in both cases, so that a git pull needs no new set-up.
$(VENV)/.listen: pyproject.toml requirements.lock | $(BIN)/pip
	@echo "installing Python packages (about a minute) ..."
	@$(BIN)/pip install --quiet --constraint requirements.lock --editable '.[plot]'
	@touch $@

$(VENV)/.test: pyproject.toml requirements.lock | $(BIN)/pip
	@echo "installing Python packages with TensorFlow (a few minutes) ..."
	@$(BIN)/pip install --quiet --constraint requirements.lock --editable '.[export,plot]' --group dev
	@$(BIN)/pip install --quiet --no-deps $(MUSICNN)
	@# Numba keeps what it compiles of librosa. Two processes that write there at once, as
	@# those of the tests would, can leave what crashes all who read it later.
	@EAGER_IMPORT=1 $(BIN)/python -c 'import librosa'
	@touch $@ $(VENV)/.listen
