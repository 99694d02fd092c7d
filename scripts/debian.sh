# Functions by which the scripts install missing packages on Debian and its relatives; the scripts
# source this file.

has() {
    command -v "$1" >/dev/null
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -n "$@"
    fi
}

# Keeps packages from starting servers of the machine's own, and Postgres's from making a cluster.
without_servers() {
    local folder=/etc/postgresql-common/createcluster.d
    local setting=$folder/tracker-tests.conf policy=/usr/sbin/policy-rc.d own_policy=
    as_root mkdir -p "$folder"
    as_root sh -c "echo 'create_main_cluster = false' >'$setting'"
    if [[ ! -e $policy ]]; then
        own_policy=$policy
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >'$policy' && chmod 755 '$policy'"
    fi
    local status=0
    "$@" || status=$?
    as_root rm -f "$setting" ${own_policy:+"$own_policy"}
    return "$status"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# Keeps services that were installed from starting with the machine, of which a container has none.
without_start() {
    local service
    for service in "$@"; do
        ! has systemctl || as_root systemctl --quiet disable "$service"
    done
}

debian_packages() {
    as_root apt-get update
    without_servers apt_install "$@"
}

# debian_service NAME: installs a package that brings a service of the same name, which does not start.
debian_service() {
    debian_packages "$1"
    without_start "$1"
}
