/** Each asks the command itself, so that what it offers is what there is; where it has nothing, files are offered. */
export const SHELL_SCRIPTS = {
  bash: `_code_mode() {
  local IFS=$'\\n'
  COMPREPLY=($(code-mode __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _code_mode code-mode
`,
  zsh: `#compdef code-mode
_code_mode() {
  local -a found
  found=(\${(f)"$(code-mode __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _code_mode code-mode
`,
  fish: `function __code_mode_complete
  set -l words (commandline -opc)
  set -l found (code-mode __complete -- $words[2..] "$(commandline -ct)" 2>/dev/null)
  if count $found >/dev/null
    string join \\n -- $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c code-mode -f -a '(__code_mode_complete)'
`,
} as const;
