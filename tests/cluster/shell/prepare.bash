# What tests/run needs of the machine before it can start; sourced, not run.

rig_sources=tests/cluster/rig

rig_cache() { echo "${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/kglass-rig"; }

# The same hash as harness/binary.rs works out.
rig_hash() {
    (cd "$rig_sources" && printf '%s\n' *.go go.mod go.sum | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
}

# command → Debian package
packages=(
    containerd:containerd ctr:containerd runc:runc busybox:busybox-static ip:iproute2
    unshare:util-linux setsid:util-linux flock:util-linux tmux:tmux openssl:openssl cc:gcc rsyslogd:rsyslog
)

prepare_machine() {
    local lacking=() entry code=0
    [ "$(uname -s)" = Linux ] || { echo "the real clusters need Linux" >&2 && return 1; }
    for entry in "${packages[@]}"; do
        command -v "${entry%%:*}" >/dev/null || lacking+=("${entry##*:}")
    done
    # TLS is a module of its own.
    compgen -G '/usr/lib/*/rsyslog/lmnsd_gtls.so' >/dev/null || lacking+=(rsyslog-gnutls)
    [ -x /usr/lib/cni/bridge ] || lacking+=(containernetworking-plugins)
    if [ ${#lacking[@]} -gt 0 ]; then install_packages "${lacking[@]}" || code=1; fi
    has_cargo || code=1
    has_go || code=1
    [ "$(id -u)" = 0 ] || { echo "the real clusters need root: namespaces, mounts, a network bridge" >&2 && code=1; }
    return $code
}

install_packages() {
    local wanted
    wanted=$(printf '%s\n' "$@" | sort -u | tr '\n' ' ')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "missing: $wanted(Debian's names); run as root on Debian, or install them" >&2
        return 1
    fi
    echo "installing $wanted"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # words on purpose
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted >/dev/null
}

# Toolchains are often not on the PATH of a shell without a profile.
has_cargo() {
    PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
    command -v cargo >/dev/null || { echo "no cargo: install Rust 1.89 or later (rustup.rs)" >&2 && return 1; }
}

has_go() {
    local version
    PATH=$PATH:/usr/local/go/bin
    version=$(go env GOVERSION 2>/dev/null) || { echo "no go: install Go 1.26.4 or later (go.dev/dl; Debian's is too old)" >&2 && return 1; }
    version=${version#go}
    # An older go fetches the one that go.mod asks for, where it may.
    if [ "$(printf '%s\n' 1.26.4 "${version%% *}" | sort -V | head -n1)" != 1.26.4 ]; then
        echo "go $version is too old: 1.26.4 or later is needed (go.dev/dl)" >&2
        return 1
    fi
}

build_rig() {
    local folder draft
    folder=$KGLASS_RIG_CACHE/$(rig_hash)
    if [ -x "$folder/rig" ]; then
        echo "cached: $folder/rig"
        return 0
    fi
    echo "building $folder/rig"
    mkdir -p "$folder"
    draft=$folder/draft.$$
    # Moved into place only when whole: another run may be looking.
    (cd "$rig_sources" && CGO_ENABLED=0 go build -trimpath \
        -ldflags '-s -w -X k8s.io/component-base/version.gitVersion=v1.36.2' -o "$draft" .) &&
        mv "$draft" "$folder/rig"
}
