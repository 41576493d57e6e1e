#!/bin/sh
# Installs the programs that the tests start themselves: PostgreSQL, Redis, Chromium, Dovecot, Postfix and SimpleSAMLphp,
# from Debian, and only those that are absent. Does nothing, and says nothing, when all are there. Arguments are further
# programs that are wanted; `make bench` wants wrk.
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
    missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
# The tests that want these skip where they are absent, so they aren't asked for where nothing can be installed.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    [ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
    [ -x /usr/sbin/postfix ] || missing="$missing postfix"
    # It wants a web server; the smallest one is installed, and none is started.
    [ -d /usr/share/simplesamlphp/www ] || missing="$missing lighttpd php-cgi php-cli php-xml simplesamlphp"
fi
for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done

# The browser tests take less time with it, and run without it, so a machine that can't get it goes on. Its version must be
# that of Chromium. Where Chromium comes from elsewhere than Debian there is none.
install_headless_shell() {
    [ "$(id -u)" = 0 ] && [ -x /usr/lib/chromium/chromium ] || return 0
    [ ! -x /usr/lib/chromium/chromium-headless-shell ] || return 0
    echo "Installing from Debian: chromium-headless-shell ..."
    quickly="-qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20"
    # shellcheck disable=SC2086
    { apt-get update $quickly && DEBIAN_FRONTEND=noninteractive apt-get install -y $quickly --no-install-recommends \
        chromium chromium-headless-shell; } >/dev/null 2>&1 ||
        echo "It can't be installed: the browser tests take the whole Chromium."
}

if [ -z "$missing" ]; then
    install_headless_shell
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These programs are needed, which this script can install on Debian only:$missing" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "Programs are needed that are not installed:$missing" >&2
    echo "Install them with: sudo $0 $*" >&2
    exit 1
fi

echo "Installing from Debian:$missing (this can take a minute or two) ..."
export DEBIAN_FRONTEND=noninteractive
# Run level 1 keeps the packages from starting servers of their own: the tests start what they need.
export RUNLEVEL=1
apt-get update -qq
# shellcheck disable=SC2086
if ! apt-get install -y -qq --no-install-recommends $missing >/tmp/parley-apt.$$ 2>&1; then
    tail -n 20 /tmp/parley-apt.$$ >&2
    rm -f /tmp/parley-apt.$$
    echo "Debian's package manager could not install:$missing" >&2
    exit 1
fi
rm -f /tmp/parley-apt.$$
install_headless_shell
