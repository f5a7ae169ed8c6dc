# Fetches and unpacks the two libraries that Debian 12 has only in older versions. Sourced, not run.
#
# They come as Debian *source* packages of the suite trixie, by way of the mirror that this machine's own apt is
# set up with: a stable suite keeps them for years, apt checks the archive's signature, and no host is named here.

source_suite=trixie
source_cache="${XDG_CACHE_HOME:-$HOME/.cache}/fhirscope"

# The archive roots that this machine's apt has for its own release, one a line, Debian's before any other's.
debian_archives() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v want="$codename" '
      $4 == "main" && ($2 == want || $3 == want || $2 == "stable") { print ($1 == "Debian" ? 0 : 1) " " $5 }' |
    sort -u | cut -d' ' -f2-
}

# Downloads one source package into a folder: 0 when the original tarball is there afterwards.
# download_source ARCHIVE PACKAGE VERSION TARBALL FOLDER
download_source() {
  local archive=$1 package=$2 version=$3 tarball=$4 folder=$5 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  local trust=''
  [ -r "$keyring" ] && trust="[signed-by=$keyring] "
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  printf 'deb-src %s%s %s main\n' "$trust" "$archive" "$source_suite" >"$folder/sources.list"
  # A list and a cache of their own: the system's apt state stays as it is, and root is not needed.
  local options=(
    -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache"
    -o Acquire::AllowInsecureRepositories=false -o Acquire::Languages=none -o Acquire::Retries=3
    -o APT::Sandbox::User=root
  )
  # `update` may return 0 after a failure, and the other way round: what counts is the file, checked by its sum.
  apt-get "${options[@]}" update >"$folder/log" 2>&1 || true
  (cd "$folder" && apt-get "${options[@]}" source --download-only "$package=$version" >>log 2>&1) || true
  [ -s "$folder/$tarball" ]
}

# fetch_source PACKAGE VERSION TARBALL SHA256 NAME: leaves the unpacked tree in $source_cache/NAME.
fetch_source() {
  local package=$1 version=$2 tarball=$3 sum=$4 name=$5
  local target="$source_cache/$name" work archive
  # The stamp names what was unpacked, so that a changed version or sum unpacks again.
  if [ "$(cat "$target/.sha256" 2>/dev/null)" = "$sum" ]; then
    return 0
  fi
  say "Fetching the source package $package $version"
  mkdir -p "$source_cache"
  work=$(mktemp -d "$source_cache/fetch.XXXXXX")
  for archive in $(debian_archives); do
    download_source "$archive" "$package" "$version" "$tarball" "$work" && break
  done
  if [ ! -s "$work/$tarball" ]; then
    tail -n 20 "$work/log" >&2 2>/dev/null
    rm -rf "$work"
    die "could not fetch $tarball from the archive that apt is set up with; is the network there?"
  fi
  if ! printf '%s  %s\n' "$sum" "$work/$tarball" | sha256sum --check --quiet; then
    rm -rf "$work"
    die "$tarball is not the file that we know (SHA-256 differs)"
  fi
  mkdir "$work/tree"
  tar -xf "$work/$tarball" -C "$work/tree" --strip-components=1
  printf '%s\n' "$sum" >"$work/tree/.sha256"
  rm -rf "$target"
  mv "$work/tree" "$target"
  rm -rf "$work"
  note "unpacked to $target"
}

fetch_sources() {
  fetch_source imgui 1.90.1+ds-1 imgui_1.90.1+ds.orig.tar.xz \
    ecce377df0f90b292f15dcbd83d438bddc162b2388c881132bde18c787572a1c imgui-1.90.1
  fetch_source catch2 3.7.1-0.5 catch2_3.7.1.orig.tar.gz \
    c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c catch2-3.7.1
}
