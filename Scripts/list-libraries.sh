#!/usr/bin/env bash
# Lists the system libraries that a program needs, with the Debian packages they are in here:
#   Scripts/list-libraries.sh PROGRAM              a table: library, how it is needed, package, version
#   Scripts/list-libraries.sh --packages PROGRAM   names of the packages whose libraries the program names itself; apt
#                                                  adds what those need in turn
set -euo pipefail

packages_only=
if [ "${1:-}" = --packages ]; then
    packages_only=1
    shift
fi
[ $# -eq 1 ] && [ -e "$1" ] || {
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
program=$1
command -v dpkg-query >/dev/null || {
    echo 'The packages of libraries are looked up with dpkg, which this system lacks.' >&2
    exit 1
}

named=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')

# package_of FILE: the package that holds it. dpkg knows merged folders by one of their two names.
package_of() {
    local file
    for file in "$1" "$(readlink -f "$1")" "/usr$1" "${1#/usr}"; do
        if dpkg-query -S "$file" 2>/dev/null | sed 's/:.*//' | grep -v '^diversion' | head -n 1 | grep .; then return; fi
    done
    return 1
}

rows=()
while read -r library path; do
    if [ "$path" = missing ]; then
        echo "$library is not installed here" >&2
        exit 1
    fi
    package=$(package_of "$path") || {
        echo "$path is in no Debian package" >&2
        exit 1
    }
    grep -qxF "$library" <<<"$named" && how=named || how=indirect
    version=$(dpkg-query -W -f '${Version}' "$package:$(dpkg --print-architecture)")
    rows+=("$library $how $package $version")
done < <(ldd "$program" | awk '
    /not found/ { print $1, "missing"; next }
    / => / { print $1, $3; next }
    $1 ~ /^\// { n = split($1, parts, "/"); print parts[n], $1 }' | sort)

if [ -n "$packages_only" ]; then
    printf '%s\n' "${rows[@]}" | awk '$2 == "named" { print $3 }' | sort -u
else
    {
        echo 'LIBRARY NEEDED PACKAGE VERSION'
        printf '%s\n' "${rows[@]}"
    } | awk '{ printf "%-22s %-9s %-20s %s\n", $1, $2, $3, $4 }'
fi
