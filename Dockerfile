# One image for web, worker, beat and the set-up step. Nothing secret is built in.
FROM node:22-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
COPY templates/ ../templates/
RUN npm run --silent build

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --create-home --uid 10001 nrm
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
COPY --from=frontend /build/static/build ./static/build
# Collecting files and compiling words needs no database, only settings that are complete.
RUN NRM_MODE=test python manage.py messages --compile --skip-checks \
    && NRM_MODE=demo STATIC_ROOT=/app/staticfiles python manage.py collectstatic --noinput --verbosity 0 --skip-checks \
    && rm -rf .local && mkdir -p /var/lib/nrm && chown nrm /var/lib/nrm
USER nrm
EXPOSE 8000
