# The product on Railway: docs/hosts.md#railway. Its builder takes no target and no secret of a build, which the Dockerfile
# in the root needs; each railway.*.json names this one, and what it starts.
FROM docker.io/library/python:3.13-slim-bookworm
WORKDIR /app
COPY requirements.txt ./
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
COPY service service
COPY dashboard dashboard
COPY sql sql
COPY doctor doctor
COPY backup backup
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin buddy
ENV HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
