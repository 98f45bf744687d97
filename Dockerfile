# The mock in a container: docker build -t understudy . && docker run --rm -p 127.0.0.1:8080:8080 understudy
#
# What stands behind the image's name is said to `understudy serve`. It works in /contracts: mount a folder of your own
# there, with an understudy.yaml or named as `.`. It listens on all addresses of the container, so whoever steers it from
# outside needs a token: UNDERSTUDY_TOKEN, or the one that is printed at its start.

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv --without-pip /opt/build && python -m venv --without-pip /opt/understudy
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m pip --python /opt/build/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
      -r requirements/build.txt
RUN python -m pip --python /opt/understudy/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
      -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY schemas schemas
COPY fixtures fixtures
COPY mock_server mock_server
COPY contract_tests contract_tests
COPY understudy understudy
RUN /opt/build/bin/python -m hatchling build -t wheel -d dist
RUN python -m pip --python /opt/understudy/bin/python install --no-cache-dir --disable-pip-version-check --no-index --no-deps dist/*.whl

FROM python:3.13-slim
COPY --from=build /opt/understudy /opt/understudy
RUN install -d -o 10001 -g 10001 /contracts /cache /kept
ENV PATH=/opt/understudy/bin:$PATH PYTHONUNBUFFERED=1 HOME=/cache XDG_CACHE_HOME=/cache
USER 10001:10001
WORKDIR /contracts
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s CMD ["understudy", "wait", "http://127.0.0.1:8080", "--timeout", "5"]
ENTRYPOINT ["understudy", "serve", "--host", "0.0.0.0", "--port", "8080"]
