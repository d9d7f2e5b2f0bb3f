# The service and the worker, for compose.yaml.  Two stages: node is needed only to build.
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /dist

FROM python:3.12-slim
COPY --from=build /dist/*.whl /tmp/
RUN pip install --no-cache-dir "$(ls /tmp/*.whl)[hub]" && rm /tmp/*.whl \
    && useradd --uid 1000 --create-home wrangler \
    && install -d -o 1000 -g 1000 -m 0700 /data
USER 1000:1000
VOLUME /data
CMD ["jupyter-wrangler", "service"]
