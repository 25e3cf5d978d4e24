#!/usr/bin/env bash
# Writes Sources/CLabSources/lab_sources.c: the list of the labs' files, which the compiler embeds.
#   --check   changes nothing, and fails if the list is not that of the files
set -euo pipefail
cd "$(dirname "$0")/.."

list=Sources/CLabSources/lab_sources.c

# lab_file_list: the C source. A lab's id stands in its file, as the first argument of `Lab(`.
lab_file_list() {
    local file id
    cat <<'HEAD'
// Written by Scripts/lab-sources.sh from the files of the labs.
#include "lab_sources.h"

#include <stddef.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

HEAD
    for file in "${files[@]}"; do
        printf 'static const char %s[] = {\n#embed "../../%s"\n    , 0};\n' "$(basename "$file" .swift)" "$file"
    done
    printf '\nstatic const struct {\n    const char *id, *text;\n} sources[] = {\n'
    for file in "${files[@]}"; do
        id=$(grep -A1 -m1 'Lab($' "$file" | sed -n '2s/^ *"\([a-z0-9-]*\)".*/\1/p')
        [ -n "$id" ] || { echo "$file: no lab with its id in the line after 'Lab('" >&2; return 1; }
        printf '    {"%s", %s},\n' "$id" "$(basename "$file" .swift)"
    done
    cat <<'TAIL'
};

const char *lab_source(const char *id) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].id, id) == 0) return sources[i].text;
    }
    return NULL;
}
TAIL
}

mapfile -t files < <(find Sources/YuyanLabs -name '*.swift' -not -path '*/Frame/*' -not -name Labs.swift | LC_ALL=C sort)
text=$(lab_file_list)
if [ "${1:-}" = --check ]; then
    [ "$text" = "$(cat $list)" ] || { echo "$list is out of date: run Scripts/lab-sources.sh" >&2; exit 1; }
else
    printf '%s\n' "$text" >$list
fi
