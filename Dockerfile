FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/wharf
# The lock alone first: a change to the program leaves the layer below as it is.
COPY requirements.lock ./
RUN /opt/wharf/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . ./
RUN /opt/wharf/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 wharf \
    && useradd --uid 10001 --gid wharf --no-create-home --home-dir /var/lib/wharf wharf \
    && install --directory --mode 0750 --owner wharf --group wharf /var/lib/wharf
COPY --from=build /opt/wharf /opt/wharf
ENV PATH=/opt/wharf/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WHARF_DATA_DIR=/var/lib/wharf \
    WHARF_HOST=0.0.0.0 \
    WHARF_PORT=8000
# A number, so that an orchestrator can see without the image that it is not root.
USER 10001:10001
WORKDIR /var/lib/wharf
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["wharf", "health"]
ENTRYPOINT ["wharf"]
CMD ["serve"]
