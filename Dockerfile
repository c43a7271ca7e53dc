# TypeScript runs as it is, so there is nothing to build: packages, then the sources.
# Debian, not Alpine: the embedded Postgres is a glibc program.
FROM oven/bun:1.4.5-debian
WORKDIR /app

COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production

COPY tsconfig.json LICENSE ./
COPY migrations migrations
COPY public public
COPY samples samples
COPY src src
COPY views views

RUN mkdir /data && chown bun:bun /data
USER bun
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["bun", "-e", "const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`); process.exit(answer.ok ? 0 : 1)"]
CMD ["bun", "src/cli.ts", "serve"]
