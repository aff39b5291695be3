# SPDX-License-Identifier: BSD-3-Clause
# fish completion for kraft-rust, which answers itself: see src/cmd/complete.c.

function __kraft_rust_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program (string replace -r -- '^~/' "$HOME/" $words[1])
    set -l lines ($program complete -- $words[2..-1] "$typed" 2>/dev/null)
    # Of --option=VALUE the value is what is completed.
    set -l option (string match -r -- '^--[^=]*=' $typed)
    set -l value (string replace -r -- '^--[^=]*=' '' $typed)

    switch "$lines[1]"
        case files
            printf '%s\n' "$option"(__fish_complete_path "$value")
        case dirs
            printf '%s\n' "$option"(__fish_complete_directories "$value" '')
    end
    test (count $lines) -lt 2; or printf '%s\n' $lines[2..-1]
end

complete -c kraft-rust -f -a '(__kraft_rust_complete)'
