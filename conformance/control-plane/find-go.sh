#!/usr/bin/env bash
# Prints the path of a go command that can build the control plane (1.25 or newer); installs one when none is here:
# Debian's, and where that is older, a newer tool chain that it fetches as a Go module.
set -euo pipefail
minimum=25 toolchain=v0.0.1-go1.26.0.linux-$(dpkg --print-architecture 2>/dev/null || echo amd64)

new_enough() { # new_enough GO: is it 1.$minimum or newer?
  local minor
  minor=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed -nE 's/^go1\.([0-9]+).*/\1/p')
  [[ -n $minor && $minor -ge $minimum ]]
}

for go in "$(command -v go || true)" /usr/local/go/bin/go "$HOME/.cache/bowline-go/bin/go"; do
  if [[ -n $go && -x $go ]] && new_enough "$go"; then echo "$go"; exit 0; fi
done
if ! command -v go >/dev/null; then
  { apt-get update -q && apt-get install -qy --no-install-recommends golang-go ca-certificates; } >&2
fi
if ! new_enough "$(command -v go)"; then
  work=$(mktemp -d)
  module=$(cd "$work" && GOFLAGS=-mod=mod GO111MODULE=on go mod download -json "golang.org/toolchain@$toolchain" | sed -nE 's/^\s*"Dir": "(.*)".*/\1/p')
  mkdir -p "$HOME/.cache"
  cp -R "$module" "$HOME/.cache/bowline-go"
  chmod -R u+w "$HOME/.cache/bowline-go"
  # The module form keeps no executable bits.
  find "$HOME/.cache/bowline-go/bin" "$HOME/.cache/bowline-go/pkg/tool" -type f -exec chmod 755 {} +
  echo "$HOME/.cache/bowline-go/bin/go"
else
  command -v go
fi
