# Steps of a check, alone or two at a time, for .ci/run, which sources this with a folder for their output.
#   step NAME COMMAND...      runs a command, whose output is seen while it runs
#   beside NAME COMMAND...    puts one into the queue
#   run_side_by_side          runs the queue, two at a time; the output of each is shown whole, in the order of the queue
# The first step that fails shows its output and ends everything. `stop_steps`, for an EXIT trap, leaves no process behind.
step_outputs=$1
step_names=() step_commands=()
declare -A running_steps=()  # process → step

# launch_step NUMBER COMMAND...: runs it in a process group, so that it can be ended with its children, and in a shell of
# its own, so that `set -e` holds inside functions too. Its output goes to ours, its time into a file.
launch_step() {
    local number=$1
    shift
    set -m
    (
        set +m
        trap - EXIT HUP INT TERM
        start=$SECONDS status=0
        set +e
        (set -e; "$@")
        status=$?
        echo $((SECONDS - start)) >"$step_outputs/step-$number.seconds"
        exit $status
    ) &
    set +m
    running_steps[$!]=$number
}

# end_of_step STATUS NUMBER NAME: the line after its output; ends everything if it has failed.
end_of_step() {
    local seconds
    seconds=$(cat "$step_outputs/step-$2.seconds" 2>/dev/null || echo '?')
    if [ "$1" -ne 0 ]; then
        printf '==> FAILED after %s s: %s\n' "$seconds" "$3"
        exit "$1"
    fi
    printf '==> done in %s s: %s\n' "$seconds" "$3"
}

step() {
    local name=$1 status=0 process
    shift
    printf '\n==> %s\n' "$name"
    launch_step alone "$@"
    process=$!
    wait "$process" || status=$?
    unset "running_steps[$process]"
    end_of_step $status alone "$name"
}

beside() {
    step_names+=("$1")
    shift
    step_commands+=("$(printf '%q ' "$@")")
}

# show_step STATUS NUMBER: all that is said of a step that has ended.
show_step() {
    printf '\n==> %s\n' "${step_names[$2]}"
    cat "$step_outputs/step-$2.log"
    end_of_step "$1" "$2" "${step_names[$2]}"
}

run_side_by_side() {
    local next=0 shown=0 status process number
    local -A ended=()
    printf '\n==> two at a time: %s\n' "$(printf '%s; ' "${step_names[@]}" | sed 's/; $//')"
    while [ $shown -lt ${#step_names[@]} ]; do
        while [ $next -lt ${#step_names[@]} ] && [ ${#running_steps[@]} -lt 2 ]; do
            eval "launch_step $next ${step_commands[next]}" >"$step_outputs/step-$next.log" 2>&1
            next=$((next + 1))
        done
        status=0
        wait -n -p process "${!running_steps[@]}" || status=$?
        number=${running_steps[$process]}
        unset "running_steps[$process]"
        ended[$number]=1
        # A failure does not wait for its turn.
        [ $status -eq 0 ] || show_step $status "$number"
        while [ -n "${ended[$shown]:-}" ]; do
            show_step 0 $shown
            shown=$((shown + 1))
        done
    done
    step_names=() step_commands=()
}

# The processes named, and all below them.
descendants() {
    local all=" $* " known='' file line
    while [ "$all" != "$known" ]; do
        known=$all
        for file in /proc/[0-9]*/stat; do
            # Such as "12 (swift build) S 10 …": the name may hold anything. A process may be gone meanwhile.
            { read -r line <"$file"; } 2>/dev/null || continue
            set -- "${line%% *}" ${line##*) }
            [ $# -gt 2 ] || continue
            case $all in *" $1 "*) ;; *" $3 "*) all+="$1 " ;; esac
        done
    done
    printf '%s\n' $all
}

# Ends what still runs. Swift's compilers are in process groups of their own, so the children are looked up.
stop_steps() {
    local processes signal
    [ ${#running_steps[@]} -gt 0 ] || return 0
    mapfile -t processes < <(descendants "${!running_steps[@]}")
    for signal in TERM KILL; do
        kill -s $signal "${processes[@]}" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 "${processes[@]}" 2>/dev/null || break 2
            sleep 0.1
        done
    done
    wait || true
    running_steps=()
}
