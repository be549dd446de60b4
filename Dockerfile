# One image for every process; compose.yaml says which command each one runs.
FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/* \
    && python -m venv /opt/venv
WORKDIR /app
# The packages change less often than the code, so they have a layer of their own.
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE Procfile ./
COPY api api
COPY worker worker
COPY shared shared
# Editable, so that the code stays beside its Procfile.
RUN /opt/venv/bin/pip install --no-deps --editable .


FROM python:3.11-slim-bookworm

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data
# gunicorn keeps its control socket in the home folder.
RUN useradd --uid 10001 --create-home dester \
    && install --directory --owner dester --group dester /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER dester
VOLUME /data
EXPOSE 3001
# By itself the image is a whole installation, on SQLite and a Redis of its own.
CMD ["dester", "up"]
