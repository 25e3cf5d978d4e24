#!/usr/bin/env bash
# Checks that imports point down only and that unsafe code stays where it belongs (the layers of CONTRIBUTING.md).
# Prints each offending line with the reason, and fails if there is one.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the Swift sources of each target may import.
allowed_imports() {
    case $1 in
    YuyanBackend) echo COneDNN CLAPACK YuyanKernels Dispatch Synchronization Glibc Musl ;;
    YuyanCore) echo YuyanBackend YuyanKernels Foundation Synchronization ;;
    YuyanNN) echo YuyanCore Foundation ;;
    YuyanData) echo YuyanCore CDatasets CImages CZip CZlib SwiftCSV Foundation Dispatch Synchronization Glibc Musl ;;
    YuyanModels) echo YuyanCore YuyanNN ;;
    YuyanShift) echo YuyanCore Foundation ;;
    YuyanPlot) echo YuyanCore YuyanData Foundation ;;
    YuyanTraining)
        echo YuyanCore YuyanNN YuyanData YuyanPlot TensorBoardEvents CISAL Mustache SwiftCSV SwiftProtobuf Foundation \
            Synchronization
        ;;
    TensorBoardEvents) echo SwiftProtobuf Foundation FoundationEssentials ;;
    Yuyan) echo YuyanBackend YuyanCore YuyanNN YuyanData YuyanModels YuyanPlot YuyanShift YuyanTraining ;;
    YuyanLabs) echo Yuyan CLabSources ArgumentParser Mustache Foundation ;;
    YuyanCommand) echo Yuyan YuyanLabs ArgumentParser Foundation Synchronization ;;
    *) return 1 ;;
    esac
}

faults=0
# Reports every line of standard input as a fault, for the reason given.
fault() {
    local line
    while IFS= read -r line; do
        printf '%s\n    %s\n' "$line" "$1" >&2
        faults=$((faults + 1))
    done
}

# search PATTERN FILE-OR-FOLDER...: matching lines of Swift code as file:line:text, comment lines left out.
search() {
    local pattern=$1
    shift
    [ $# -eq 0 ] || grep -nrHP --include='*.swift' -e "$pattern" -- "$@" | grep -vP '^[^:]+:\d+:\s*//' || true
}

import='^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+'
kind='(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?'
# Pointers, and ways round the compiler's checks on concurrency.
unsafe='\b(?:Unsafe(?:Mutable)?(?:Raw)?(?:Buffer)?Pointer|OpaquePointer|Unmanaged|withUnsafe\w+|unsafeBitCast)\b'
unsafe+='|@unchecked|\bnonisolated\(unsafe\)'
# The bytes of an array, for the backend's `upload` and `download`.
bytes='\b(?:withUnsafe(?:Mutable)?Bytes|Unsafe(?:Mutable)?RawBufferPointer)\b'

for folder in Sources/*/; do
    folder=${folder%/}
    target=${folder##*/}
    [ -n "$(find "$folder" -name '*.swift' -print -quit)" ] || continue
    if ! allowed=$(allowed_imports "$target"); then
        fault 'a new target: say in Scripts/check-imports.sh what it may import' <<<"$folder"
        continue
    fi
    fault "$target may import only: $allowed" \
        < <(search "$import(?!$kind(?:${allowed// /|})(?:[.;\s]|\$))" "$folder")
    case $target in
    Yuyan | YuyanCore) ;;
    *) fault 'only Yuyan and YuyanCore hand on what they import' < <(search "^\s*@_exported" "$folder") ;;
    esac

    # Unsafe code: at will in the engine room; elsewhere only in a file that imports a C module named here, and in
    # the workshop where an array is handed to the backend.
    refused=$unsafe
    c_module=''
    case $target in
    YuyanBackend) continue ;;
    YuyanCore)
        c_module=YuyanKernels
        refused="(?!$bytes)(?:$unsafe)"
        ;;
    YuyanData) c_module='(?:CDatasets|CZip|CZlib)' ;;
    esac
    files=()
    while IFS= read -r file; do
        [ -n "$c_module" ] && grep -qP "$import$c_module\b" "$file" || files+=("$file")
    done < <(find "$folder" -name '*.swift')
    fault 'unsafe code belongs in YuyanBackend' < <(search "$refused" ${files[@]+"${files[@]}"})
    fault "oneDNN is known to YuyanBackend alone" < <(search '\bdnnl_\w+' "$folder")
done

if [ -d Tests ]; then
    fault 'tests use package access instead of @testable' < <(search '^\s*@testable\b' Tests)
fi

# The kernels are plain C: libc, compiler intrinsics and their own headers.
if [ -d Sources/YuyanKernels ]; then
    fault 'YuyanKernels includes libc, intrinsics and its own headers only' < <(
        grep -nrHP --include='*.[ch]' '^\s*#\s*include' Sources/YuyanKernels \
            | grep -vP '#\s*include\s*("(?!.*dnnl)|<(std\w+|strings?|fcntl|sched|signal|math|float|limits|errno|pthread|time|unistd|sys/\w+|\w*intrin|arm_neon|omp)\.h>)' || true
    )
fi

if [ "$faults" -gt 0 ]; then
    echo "$faults import or unsafe-code faults" >&2
    exit 1
fi
