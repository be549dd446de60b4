# One image for every process; compose.yaml says which command each one runs.
# The base is pinned by version. `--build-arg PYTHON=python:3.11.17-slim-bookworm@sha256:…` pins it by content as well.
ARG PYTHON=python:3.11.17-slim-bookworm

FROM ${PYTHON} AS build

# Ready wheels alone, each by its hash in the lock file: nothing is compiled, and no other file can get in.
# The packages change less often than the code, so they have a layer of their own.
COPY requirements.lock /
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
        --only-binary :all: --require-hashes --requirement /requirements.lock
WORKDIR /app
COPY LICENSE Procfile ./
COPY api api
COPY worker worker
COPY shared shared
# `dester` is what pyproject.toml would install. Compiled here, as nothing can be written where the image runs, and known
# by the source's hash, not by its time: two builds are alike.
RUN printf '#!/opt/venv/bin/python\nfrom api.cli import main\n\nmain()\n' > /opt/venv/bin/dester \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib /app \
    && chmod -R a+rX /app /opt/venv && chmod a+x /opt/venv/bin/dester


FROM ${PYTHON}

LABEL org.opencontainers.image.title="DesterLib server" \
      org.opencontainers.image.description="A self-hosted media-library server" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
# A worker that is told to stop (REMAP_SIGTERM) hands back what it can't finish in a few seconds.
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    REMAP_SIGTERM=SIGQUIT \
    HOME=/tmp \
    DATA_DIR=/data
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin dester \
    && install --directory --owner dester --group dester --mode 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 3001
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\") or 3001}/health', timeout=3)"]
# By itself the image is a whole installation, on SQLite and a Redis of its own.
CMD ["dester", "up"]
