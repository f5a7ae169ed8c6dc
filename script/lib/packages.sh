# Debian packages. Sourced, not run.

# What it takes to build and run fhirscope, with or without a display.
build_packages() {
  local boost
  # By number: Debian 12's default Boost (1.74) is too old, and its -dev package conflicts with 1.81's.
  case "$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")" in
    bookworm) boost=1.81 ;;
    *) boost=1.83 ;;
  esac
  printf '%s\n' \
    ca-certificates ccache cmake g++ git ninja-build dpkg-dev xz-utils openssl \
    "libboost$boost-dev" libcli11-dev libexpected-dev libspdlog-dev libsqlite3-dev libssl-dev libxxhash-dev \
    libmimalloc-dev libprotobuf-dev libutf8proc-dev libzstd-dev zlib1g-dev rapidjson-dev \
    libfontconfig-dev libglfw3-dev libgl-dev libgl1 libgl1-mesa-dri libstb-dev python3-glad \
    fonts-inter fonts-jetbrains-mono xvfb
}

# What the tests need besides.
test_packages() {
  printf '%s\n' mold xauth xdotool fonts-dejavu-core protobuf-compiler
  # A Node from elsewhere brings its own npm, which Debian's would conflict with.
  command -v npm >/dev/null || printf '%s\n' nodejs npm
}

# What fuzzing needs besides: libFuzzer is part of clang.
fuzz_packages() {
  printf '%s\n' clang libclang-rt-dev
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages takes root: run this as root, or install sudo"
  fi
}

# install_packages PACKAGE...: installs those that are missing; without any, needs neither root nor network.
install_packages() {
  local package missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "this is not a Debian system; install what these packages hold: ${missing[*]}"
  say "Installing ${#missing[@]} Debian packages (and what they need): ${missing[*]}"
  # Someone else's apt may be at work, as on a machine that has just started.
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -qq)
  quietly apt-update as_root "${apt[@]}" update
  quietly apt-install as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}
